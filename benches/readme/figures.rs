//! Figures, and tables of them in Markdown.

use std::fmt;
use std::time::Duration;

/// A table as the README has it.
pub struct Table {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new<const N: usize>(heads: [&str; N]) -> Self {
        Self {
            heads: heads.map(str::to_owned).to_vec(),
            rows: Vec::new(),
        }
    }

    /// The table of all that has a figure and no columns. Sections share it: see [`Table::join`].
    pub fn measured() -> Self {
        Self::new(["measured", "figure"])
    }

    /// Takes the rows of a table with the same heads; else gives it back.
    pub fn join(&mut self, other: Self) -> Option<Self> {
        if self.heads != other.heads {
            return Some(other);
        }
        self.rows.extend(other.rows);
        None
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |", self.heads.join(" | "))?;
        // Figures stand to the right of what they are about.
        let rules = (0..self.heads.len()).map(|at| if at == 0 { "---" } else { "---:" });
        writeln!(f, "| {} |", rules.collect::<Vec<_>>().join(" | "))?;
        for row in &self.rows {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        Ok(())
    }
}

/// The one in the middle.
pub fn median(mut spans: Vec<Duration>) -> Duration {
    spans.sort_unstable();
    spans.get(spans.len() / 2).copied().unwrap_or_default()
}

/// A part of a whole, as `97.3%`.
pub fn percent(part: f64, whole: f64) -> String {
    format!("{:.1}%", part * 100.0 / whole)
}

/// `0.42 s` or `3.1 ms`.
pub fn seconds(span: Duration) -> String {
    if span < Duration::from_millis(100) {
        format!("{:.1} ms", span.as_secs_f64() * 1000.0)
    } else {
        format!("{:.2} s", span.as_secs_f64())
    }
}

/// `22,803`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A rate, as `2,140 a second`.
pub fn a_second(number: u64, span: Duration) -> String {
    format!("{} a second", count(rate(number, span).round() as u64))
}

/// A rate per second.
pub fn rate(number: u64, span: Duration) -> f64 {
    number as f64 / span.as_secs_f64()
}
