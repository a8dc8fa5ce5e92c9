super::words::words! {
    /// What a report says about one share class in one year. Errors are never outcomes.
    Outcome {
        /// A cash dividend: `dps_cash` is greater than 0.
        Paid = "PAID",
        /// The dividend section is filed and says `-` or 0: `dps_cash` is 0.
        NoDividend = "NO_DIVIDEND",
        /// A report that gives no reliable figure for this class: no `dps_cash`, and the note says
        /// why.
        NotStated = "NOT_STATED",
        /// OpenDART has no such report (status 013): no `dps_cash`.
        NoReport = "NO_REPORT",
    }
}
