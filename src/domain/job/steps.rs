use crate::domain::{FiscalYear, Ticker};

/// A job's steps, ticker by ticker, each from the first year to the last; never written out.
#[derive(Debug, Clone, Copy)]
pub struct Steps<'a> {
    tickers: &'a [Ticker],
    first: FiscalYear,
    years: u64,
}

impl<'a> Steps<'a> {
    /// The steps of these tickers and years.
    #[must_use]
    pub fn new(tickers: &'a [Ticker], first: FiscalYear, last: FiscalYear) -> Self {
        let span = u64::from(last.get()) + 1;
        Self {
            tickers,
            first,
            years: span.saturating_sub(u64::from(first.get())),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn total(self) -> u64 {
        self.tickers.len() as u64 * self.years
    }

    /// Steps of each ticker.
    #[must_use]
    pub fn years(self) -> u64 {
        self.years
    }

    /// The step with this index, from 0; `None` beyond the last.
    #[must_use]
    pub fn at(self, index: u64) -> Option<(Ticker, FiscalYear)> {
        let place = usize::try_from(index.checked_div(self.years)?).ok()?;
        let ticker = *self.tickers.get(place)?;
        let ahead = u16::try_from(index % self.years).ok()?;
        let year = FiscalYear::new(self.first.get().checked_add(ahead)?).ok()?;
        Some((ticker, year))
    }

    /// The cursor at a step: the index of its ticker and its year; beyond the last step the number
    /// of tickers and no year.
    #[must_use]
    pub fn cursor(self, index: u64) -> (u64, Option<FiscalYear>) {
        match self.at(index) {
            Some((_, year)) => (index / self.years, Some(year)),
            None => (self.tickers.len() as u64, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Steps;
    use crate::domain::{FiscalYear, Ticker};

    fn year(number: u16) -> FiscalYear {
        FiscalYear::new(number).unwrap()
    }

    #[test]
    fn steps_go_ticker_by_ticker_and_year_by_year() {
        let tickers: Vec<Ticker> = ["005930", "000660"].map(|t| t.parse().unwrap()).into();
        let steps = Steps::new(&tickers, year(2015), year(2017));
        assert_eq!(steps.total(), 6);
        let written: Vec<String> = (0..7)
            .map_while(|index| steps.at(index))
            .map(|(ticker, year)| format!("{ticker} {year}"))
            .collect();
        assert_eq!(
            written,
            [
                "005930 2015",
                "005930 2016",
                "005930 2017",
                "000660 2015",
                "000660 2016",
                "000660 2017"
            ]
        );
        let cursors: Vec<(u64, Option<FiscalYear>)> = (0..=6).map(|at| steps.cursor(at)).collect();
        let [y15, y16, y17] = [2015, 2016, 2017].map(|number| Some(year(number)));
        assert_eq!(
            cursors,
            [
                (0, y15),
                (0, y16),
                (0, y17),
                (1, y15),
                (1, y16),
                (1, y17),
                (2, None)
            ]
        );
        assert_eq!(steps.at(u64::MAX), None);
    }
}
