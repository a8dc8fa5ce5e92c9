//! Answers of alotMatter.json made for a test, row by row.

use serde_json::{Value, json};

/// An answer in the making.
#[derive(Clone)]
pub struct Answer {
    corp_code: String,
    /// `rcept_no` and `stlm_dt`, where they are not the usual ones of the year asked about.
    filing: Option<(String, String)>,
    rows: Vec<Value>,
}

impl Answer {
    pub fn of(corp_code: &str) -> Self {
        Self {
            corp_code: corp_code.to_owned(),
            filing: None,
            rows: Vec::new(),
        }
    }

    pub fn corp_code(&self) -> &str {
        &self.corp_code
    }

    /// The rows that follow are of this filing and settlement date.
    pub fn filing(mut self, rcept_no: &str, stlm_dt: &str) -> Self {
        self.filing = Some((rcept_no.to_owned(), stlm_dt.to_owned()));
        self
    }

    pub fn row(mut self, se: &str, stock_knd: &str, cells: [&str; 3]) -> Self {
        let mut row = json!({
            "rcept_no": null, "corp_cls": "Y", "corp_code": self.corp_code,
            "corp_name": "가상전자", "se": se, "stock_knd": stock_knd,
            "thstrm": cells[0], "frmtrm": cells[1], "lwfr": cells[2], "stlm_dt": null,
        });
        if let Some((rcept_no, stlm_dt)) = &self.filing {
            row["rcept_no"] = json!(rcept_no);
            row["stlm_dt"] = json!(stlm_dt);
        }
        self.rows.push(row);
        self
    }

    /// 주당 현금배당금(원)
    pub fn dps(self, stock_knd: &str, cells: [&str; 3]) -> Self {
        self.row("주당 현금배당금(원)", stock_knd, cells)
    }

    /// (연결)당기순이익(백만원)
    pub fn net_income(self, cells: [&str; 3]) -> Self {
        self.row("(연결)당기순이익(백만원)", "-", cells)
    }

    /// 현금배당금총액(백만원)
    pub fn total(self, cells: [&str; 3]) -> Self {
        self.row("현금배당금총액(백만원)", "-", cells)
    }

    /// As the answer about 2024.
    pub fn body(&self) -> Vec<u8> {
        self.body_of(2024)
    }

    /// As the answer about `bsns_year`: rows without a filing of their own are of one that settles
    /// the year's last day and was received at the end of March.
    pub fn body_of(&self, bsns_year: u16) -> Vec<u8> {
        let mut rows = self.rows.clone();
        for row in &mut rows {
            if row["rcept_no"].is_null() {
                row["rcept_no"] = json!(format!("{}0331000001", bsns_year + 1));
                row["stlm_dt"] = json!(format!("{bsns_year}-12-31"));
            }
        }
        json!({"status": "000", "message": "정상", "list": rows})
            .to_string()
            .into_bytes()
    }
}
