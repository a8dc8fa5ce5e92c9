super::words::words! {
    /// Where answers come from. A database keeps answers of one kind, so that made-up figures never
    /// stand among real ones.
    OriginKind {
        /// OpenDART itself, or a gateway to it (https).
        Real = "real",
        /// A server on this machine (http on loopback).
        Loopback = "loopback",
        /// The built-in sandbox.
        Sandbox = "sandbox",
    }
}
