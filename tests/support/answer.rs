//! Answers of alotMatter.json made for a test, row by row.

use serde_json::{Value, json};

/// An answer in the making.
#[derive(Clone)]
pub struct Answer {
    corp_code: String,
    rcept_no: String,
    stlm_dt: String,
    rows: Vec<Value>,
}

impl Answer {
    pub fn of(corp_code: &str) -> Self {
        Self {
            corp_code: corp_code.to_owned(),
            rcept_no: "20250331000001".to_owned(),
            stlm_dt: "2024-12-31".to_owned(),
            rows: Vec::new(),
        }
    }

    pub fn corp_code(&self) -> &str {
        &self.corp_code
    }

    /// The rows that follow are of this filing and settlement date.
    pub fn filing(mut self, rcept_no: &str, stlm_dt: &str) -> Self {
        self.rcept_no = rcept_no.to_owned();
        self.stlm_dt = stlm_dt.to_owned();
        self
    }

    pub fn row(mut self, se: &str, stock_knd: &str, cells: [&str; 3]) -> Self {
        self.rows.push(json!({
            "rcept_no": self.rcept_no, "corp_cls": "Y", "corp_code": self.corp_code,
            "corp_name": "가상전자", "se": se, "stock_knd": stock_knd,
            "thstrm": cells[0], "frmtrm": cells[1], "lwfr": cells[2], "stlm_dt": self.stlm_dt,
        }));
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

    pub fn body(&self) -> Vec<u8> {
        json!({"status": "000", "message": "정상", "list": self.rows})
            .to_string()
            .into_bytes()
    }
}
