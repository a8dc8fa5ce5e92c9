//! The companies that are real, with the dividends their own annual reports state.
//!
//! Public figures, in won, through 2024. Nothing else of theirs is claimed: every row but par value
//! and cash dividend says `-`, rows in which that would be untrue (the total where it is not known,
//! the preferred share's) are left out, and no report of theirs exists after 2024. The two that split
//! their shares have their totals, which prove it, and their filings' numbers.

/// The figures of one real company.
#[derive(Debug)]
pub(super) struct Real {
    pub(super) ticker: &'static str,
    pub(super) corp_code: &'static str,
    pub(super) name: &'static str,
    pub(super) english: &'static str,
    pub(super) modified: &'static str,
    /// Par value (주당액면가액), as (last year, won) ascending; empty where not known for certain.
    par: &'static [(u16, i64)],
    /// Cash dividend per common share, 2015 to 2024.
    dps: [i64; 10],
    /// The same of 2013 and 2014, where known for certain.
    before: Option<[i64; 2]>,
    /// What the preferred share gets more, as (last year, won) ascending; empty where its row is
    /// left out.
    preferred_more: &'static [(u16, i64)],
    /// All cash dividends together, millions of won, from that year on; empty where not known.
    totals: (u16, &'static [i64]),
    /// Its annual reports' filings (`rcept_no`), from that year on.
    filings: (u16, &'static [&'static str]),
}

/// The last year they report on here.
pub(super) const LAST: u16 = 2024;

impl Real {
    /// Cash dividend per common share for that year, in won; `None` where not known.
    pub(super) fn dps(&self, year: u16) -> Option<i64> {
        match year {
            2013 | 2014 => Some(self.before?[usize::from(year - 2013)]),
            2015..=LAST => Some(self.dps[usize::from(year - 2015)]),
            _ => None,
        }
    }

    /// The same per preferred share.
    pub(super) fn preferred(&self, year: u16) -> Option<i64> {
        Some(self.dps(year)? + until(self.preferred_more, year)?)
    }

    /// Par value in that year, in won.
    pub(super) fn par(&self, year: u16) -> Option<i64> {
        until(self.par, year)
    }

    /// All cash dividends of that year together, in millions of won; `None` where not known.
    pub(super) fn total(&self, year: u16) -> Option<i64> {
        at(self.totals, year).copied()
    }

    /// The filing of that year's annual report; `None` where not known.
    pub(super) fn filing(&self, year: u16) -> Option<&'static str> {
        at(self.filings, year).copied()
    }

    /// Whether the preferred share has a row of its own.
    pub(super) fn has_preferred(&self) -> bool {
        !self.preferred_more.is_empty()
    }
}

fn at<T>((first, years): (u16, &'static [T]), year: u16) -> Option<&'static T> {
    years.get(usize::from(year.checked_sub(first)?))
}

fn until(steps: &[(u16, i64)], year: u16) -> Option<i64> {
    steps
        .iter()
        .find(|(last, _)| year <= *last)
        .map(|(_, won)| *won)
}

const PAR_500: &[(u16, i64)] = &[(LAST, 500)];
const PAR_5000: &[(u16, i64)] = &[(LAST, 5000)];

const fn real(
    ticker: &'static str,
    corp_code: &'static str,
    name: &'static str,
    english: &'static str,
    modified: &'static str,
    par: &'static [(u16, i64)],
    dps: [i64; 10],
) -> Real {
    Real {
        ticker,
        corp_code,
        name,
        english,
        modified,
        par,
        dps,
        before: None,
        preferred_more: &[],
        totals: (0, &[]),
        filings: (0, &[]),
    }
}

/// The real companies, by ticker.
#[rustfmt::skip]
pub(super) const REAL: [Real; 23] = [
    real("000150", "00117212", "두산", "DOOSAN CO.,LTD", "20260506", PAR_5000, [4550, 5100, 5100, 5200, 5200, 2000, 2000, 2000, 2000, 2000]),
    real("000270", "00106641", "기아", "KIA CORPORATION", "20260709", PAR_5000, [1100, 1100, 800, 900, 1150, 1000, 3000, 3500, 5600, 6500]),
    real("000660", "00164779", "SK하이닉스", "SK hynix Inc.", "20240328", PAR_5000, [500, 600, 1000, 1500, 1000, 1170, 1540, 1200, 1200, 2204]),
    real("000810", "00139214", "삼성화재해상보험", "SAMSUNG FIRE & MARINE INSURANCE CO.,LTD", "20240321", PAR_500, [5150, 6100, 10000, 11500, 8500, 8800, 12000, 13800, 16000, 19000]),
    real("003540", "00110893", "대신증권", "DAISHIN SECURITIES CO.,LTD", "20260325", PAR_5000, [500, 550, 610, 620, 1000, 1200, 1400, 1200, 1200, 1200]),
    real("005380", "00164742", "현대자동차", "HYUNDAI MOTOR CO", "20260331", PAR_5000, [4000, 4000, 4000, 4000, 4000, 3000, 5000, 7000, 11400, 12000]),
    real("005490", "00155319", "POSCO홀딩스", "POSCO Holdings Inc.", "20250321", PAR_5000, [8000, 8000, 8000, 10000, 10000, 8000, 17000, 12000, 10000, 10000]),
    Real {
        before: Some([14_300, 20_000]),
        preferred_more: &[(2017, 50), (LAST, 1)],
        totals: (2014, &[2_999_972, 3_068_737, 3_991_892, 5_826_302, 9_619_243, 9_619_243, 20_338_075, 9_809_438, 9_809_438, 9_809_438, 9_810_767]),
        filings: (2016, &["20170331004518", "20180402005019", "20190401004781", "20200330003851", "20210309000744", "20220308000798", "20230307000542", "20240312000736", "20250311001085"]),
        ..real("005930", "00126380", "삼성전자", "SAMSUNG ELECTRONICS CO,.LTD", "20251201", &[(2017, 5000), (LAST, 100)], [21000, 28500, 42500, 1416, 1416, 2994, 1444, 1444, 1444, 1446])
    },
    real("005940", "00120182", "NH투자증권", "NH INVESTMENT & SECURITIES CO.,LTD.", "20260701", PAR_5000, [400, 400, 500, 500, 500, 700, 1050, 700, 800, 950]),
    real("015890", "00153339", "태경산업", "TAEKYUNG INDUSTRIAL CO.,LTD", "20240402", &[], [180, 200, 200, 220, 220, 240, 270, 300, 270, 250]),
    Real {
        totals: (2015, &[708_111, 706_091, 706_091, 718_698, 730_098, 715_080, 716_990, 723_843, 765_618, 753_613]),
        filings: (2015, &["20160516003078", "20170331003875", "20180402003090", "20190401004425", "20200330003443", "20210317000804", "20220812000185", "20230320000235", "20240318000570", "20250317000684"]),
        ..real("017670", "00159023", "SK텔레콤", "SK TELECOM CO.,LTD", "20260327", &[(2020, 500), (LAST, 100)], [10000, 10000, 10000, 10000, 10000, 10000, 3295, 3320, 3540, 3540])
    },
    real("021240", "00170558", "코웨이", "COWAY Co., Ltd.", "20230103", PAR_500, [2800, 3200, 3200, 3600, 2400, 1200, 1250, 1300, 1350, 2630]),
    real("024110", "00149646", "기업은행", "INDUSTRIAL BANK OF KOREA", "20260303", PAR_5000, [450, 480, 617, 690, 670, 471, 780, 960, 984, 1065]),
    real("029780", "00126292", "삼성카드", "SAMSUNG CARD CO.,LTD", "20250321", PAR_5000, [1500, 1500, 1500, 1600, 1600, 1800, 2300, 2500, 2500, 2800]),
    real("030200", "00190321", "케이티", "KT CORPORATION", "20260401", PAR_5000, [500, 800, 1000, 1100, 1100, 1350, 1910, 1960, 1960, 2000]),
    real("032640", "00231363", "LG유플러스", "LG Uplus Corp", "20250326", PAR_5000, [250, 350, 400, 400, 400, 450, 550, 650, 650, 650]),
    real("033780", "00244455", "케이티앤지", "KT&G Corporation", "20250917", PAR_5000, [3400, 3600, 4000, 4000, 4400, 4800, 4800, 5000, 5200, 5400]),
    real("051900", "00356370", "LG생활건강", "LG H&H Co., Ltd.", "20251128", PAR_5000, [5500, 7500, 9000, 9250, 11000, 11000, 12000, 4000, 3500, 3500]),
    real("086790", "00547583", "하나금융지주", "Hana Financial Group Inc.", "20260306", PAR_5000, [650, 1050, 1550, 1900, 2100, 1850, 3100, 3350, 3400, 3600]),
    real("092130", "00634728", "이크레더블", "e-Credible Co., Ltd.", "20230330", &[], [420, 530, 530, 670, 740, 700, 2720, 1040, 780, 1590]),
    real("105560", "00688996", "KB금융", "KB Financial Group Inc.", "20250108", PAR_5000, [980, 1250, 1920, 1920, 2210, 1770, 2940, 2950, 3060, 3174]),
    real("138930", "00858364", "BNK금융지주", "BNK Financial Group Inc.", "20230320", PAR_5000, [150, 230, 230, 300, 360, 320, 560, 625, 510, 650]),
    real("139480", "00872984", "이마트", "E-MART Inc.", "20240329", PAR_5000, [1500, 1500, 1750, 2000, 2000, 2000, 2000, 2000, 2000, 2000]),
];
