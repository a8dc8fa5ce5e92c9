//! OpenDART: HTTP on one side, the domain's values on the other.

pub mod alot_matter;
