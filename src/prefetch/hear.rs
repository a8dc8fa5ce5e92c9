//! What replies mean for the job.

use std::time::Duration;

use crate::opendart::CompanyList;
use crate::resolve::ResolveError;

use super::ahead::Ahead;
use super::bench::StepContext;
use super::calls::Reply;
use super::halt::{FailureAction, Stop, verdict};
use super::runner::CompanyListState;
use super::{Event, JobError, Runner};

/// How long a reply is waited for before the job's row and the interrupt are looked at again.
const TICK: Duration = Duration::from_millis(100);

impl Runner<'_> {
    /// Waits for a reply, takes in all that have come, and looks whether the job is still ours.
    pub(super) fn listen(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        if self.calls.in_flight() > 0 {
            match self.calls.reply(TICK) {
                None => on_event(Event::Tick),
                Some(reply) => {
                    self.hear(reply, on_event)?;
                    while let Some(reply) = self.calls.reply(Duration::ZERO) {
                        self.hear(reply, on_event)?;
                    }
                }
            }
        }
        self.look(on_event)
    }

    /// Takes a reply in.
    pub(super) fn hear(
        &mut self,
        reply: Reply,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        match reply {
            Reply::Companies(Ok(list)) => self.new_list(&list, on_event),
            Reply::Companies(Err(error)) => {
                let has_list = self.store.companies_synced_at()?.is_some();
                match verdict(&error) {
                    FailureAction::Ended => self.list = CompanyListState::Wanted,
                    FailureAction::Halts(halt) => {
                        // Who waits for the next day asks for it again.
                        self.list = CompanyListState::Wanted;
                        self.halt.get_or_insert(halt);
                    }
                    FailureAction::Fails(_) if has_list => self.list = CompanyListState::Renewed,
                    FailureAction::Fails(problem) => {
                        self.halt.get_or_insert(Stop::without_list(problem.message));
                    }
                    FailureAction::Broken(error) => return Err(error.into()),
                }
                Ok(())
            }
            Reply::Report(question, Ok(answer)) => {
                self.with_ahead(|ahead, bench| ahead.answered(bench, question, answer))
            }
            Reply::Report(question, Err(error)) => {
                match verdict(&error) {
                    FailureAction::Ended => self.ahead.ended(question),
                    FailureAction::Halts(halt) => {
                        self.ahead.ended(question);
                        self.halt.get_or_insert(halt);
                    }
                    FailureAction::Fails(problem) => {
                        self.with_ahead(|ahead, bench| ahead.failed(bench, question, &problem))?;
                    }
                    FailureAction::Broken(error) => return Err(error.into()),
                }
                Ok(())
            }
        }
    }

    /// Does something to the steps ahead that the job and the database are looked at for.
    fn with_ahead(
        &mut self,
        act: impl FnOnce(&mut Ahead, &StepContext<'_>) -> Result<(), ResolveError>,
    ) -> Result<(), JobError> {
        let mut ahead = std::mem::take(&mut self.ahead);
        let acted = self.bench().and_then(|bench| Ok(act(&mut ahead, &bench)?));
        self.ahead = ahead;
        acted
    }

    fn new_list(
        &mut self,
        list: &CompanyList,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        let now = self.fetcher.clock().now();
        self.store.replace_companies(&list.companies, now)?;
        self.list = CompanyListState::Renewed;
        self.ahead.forget_companies();
        on_event(Event::CompaniesFetched {
            companies: list.companies.len() as u64,
        });
        Ok(())
    }
}
