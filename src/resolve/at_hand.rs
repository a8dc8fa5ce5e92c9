//! Responses at hand: those that have just arrived, and those that are stored.

use std::collections::HashMap;

use crate::domain::FiscalYear;
use crate::store::NewRow;

use super::ResolveError;
use super::context::Context;
use super::response::{self, ReportKey, StoredResponse};
use super::step::StepError;

/// Responses at hand: those that have just arrived, and those that are stored.
#[derive(Debug, Default)]
pub(crate) struct Responses {
    /// Responses that arrived, while a step still needs them or their rows are not stored.
    pub(crate) arrived: HashMap<ReportKey, StoredResponse>,
    /// Rows read from them that are not stored yet.
    pub(crate) rows: Vec<NewRow>,
}

/// Why steps cannot be settled now.
pub(crate) enum Blocked {
    /// This response is needed first.
    On(ReportKey),
    Failed(StepError),
}

impl Responses {
    /// A response that arrived, or that is stored and good enough for these years.
    pub(crate) fn at_hand(
        &self,
        context: Context<'_>,
        key: ReportKey,
        years: &[FiscalYear],
    ) -> Result<Option<StoredResponse>, ResolveError> {
        if let Some(response) = self.arrived.get(&key) {
            return Ok(Some(response.clone()));
        }
        let must_ask = years.iter().any(|year| context.policy.is_refreshed(*year));
        let stored = self.stored(context, key)?;
        Ok(stored.filter(|response| !must_ask || context.is_of_this_run(response.fetched_at)))
    }

    fn stored(
        &self,
        context: Context<'_>,
        key: ReportKey,
    ) -> Result<Option<StoredResponse>, ResolveError> {
        response::stored(context.store, key, |fetched_at, expires_at| {
            context.is_valid(fetched_at, expires_at)
        })
    }

    /// A response that another is compared with, whose rows are kept by whoever asked for it.
    pub(crate) fn beside(
        &mut self,
        context: Context<'_>,
        key: ReportKey,
    ) -> Result<Option<StoredResponse>, ResolveError> {
        if let Some(response) = self.arrived.get_mut(&key) {
            let given = response.clone();
            response.is_new = false;
            return Ok(Some(given));
        }
        self.stored(context, key)
    }
}
