use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Declares a decimal quantity with a unit in its name.
///
/// JSON: a whole amount is an integer, another a plain number.
macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Decimal);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(Decimal::ZERO);

            /// The decimal itself, without its unit; trailing zeros are dropped.
            #[must_use]
            pub fn get(self) -> Decimal {
                self.0
            }

            /// Greater than 0.
            #[must_use]
            pub fn is_positive(self) -> bool {
                self.0 > Decimal::ZERO
            }

            /// Exactly 0.
            #[must_use]
            pub fn is_zero(self) -> bool {
                self.0.is_zero()
            }

            /// The sum; `None` where it exceeds what a decimal holds.
            #[must_use]
            pub fn checked_add(self, other: Self) -> Option<Self> {
                self.0.checked_add(other.0).map(Self::from)
            }

            /// The difference; `None` where it exceeds what a decimal holds.
            #[must_use]
            pub fn checked_sub(self, other: Self) -> Option<Self> {
                self.0.checked_sub(other.0).map(Self::from)
            }

            /// The nearest binary number if it stands for exactly this decimal: the one whose
            /// shortest decimal form reads the same. `None` beyond about fifteen digits.
            #[must_use]
            pub fn to_exact_f64(self) -> Option<f64> {
                exact_f64(self.0)
            }

            /// Reads a binary number by its shortest decimal form; `None` for infinities, NaN and
            /// what no decimal holds.
            #[must_use]
            pub fn from_f64(value: f64) -> Option<Self> {
                let whole = value as i64;
                if whole.unsigned_abs() <= LARGEST_WHOLE.unsigned_abs() && whole as f64 == value {
                    return Some(Self::from(whole));
                }
                Decimal::from_str(&value.to_string()).ok().map(Self::from)
            }
        }

        impl From<Decimal> for $name {
            fn from(value: Decimal) -> Self {
                Self(value.normalize())
            }
        }

        impl From<$name> for Decimal {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl From<i64> for $name {
            fn from(value: i64) -> Self {
                Self(Decimal::from(value))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serialize_decimal(self.0, serializer)
            }
        }
    };
}

quantity! {
    /// An amount in won (KRW), exact: `132.5` is 132.5.
    Won
}
quantity! {
    /// A percentage: `4.5` is 4.5 %.
    Percent
}
quantity! {
    /// A number of shares, as in a stock dividend of 0.05 shares for each held.
    Shares
}

/// A JSON number by its shortest decimal form, or a text of digits.
impl<'de> Deserialize<'de> for Won {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Amount {
            Whole(i64),
            Fraction(f64),
            Digits(String),
        }
        let amount = match Amount::deserialize(from)? {
            Amount::Whole(amount) => Some(Self::from(amount)),
            Amount::Fraction(amount) => Self::from_f64(amount),
            Amount::Digits(digits) => digits.parse::<Decimal>().ok().map(Self::from),
        };
        amount.ok_or_else(|| serde::de::Error::custom("not an amount"))
    }
}

impl Won {
    /// How many times `other` goes into this amount; `None` for 0 or beyond a decimal's range.
    #[must_use]
    pub fn ratio(self, other: Self) -> Option<Decimal> {
        self.0.checked_div(other.0).map(|ratio| ratio.normalize())
    }
}

/// The number with its thousands separated, for people: `1,234.5`.
#[must_use]
pub fn with_separators(amount: Decimal) -> String {
    let text = amount.to_string();
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Whole numbers up to here are the same in binary.
const LARGEST_WHOLE: i64 = 1 << 53;

fn exact_f64(value: Decimal) -> Option<f64> {
    if value.is_integer()
        && let Some(whole) = value.to_i64()
        && (-LARGEST_WHOLE..=LARGEST_WHOLE).contains(&whole)
    {
        return Some(whole as f64);
    }
    let binary = value.to_string().parse::<f64>().ok()?;
    (Decimal::from_str(&binary.to_string()) == Ok(value)).then_some(binary)
}

pub(super) fn serialize_decimal<S: Serializer>(value: Decimal, to: S) -> Result<S::Ok, S::Error> {
    if value.is_integer()
        && let Some(whole) = value.to_i64()
    {
        return to.serialize_i64(whole);
    }
    match value.to_string().parse::<f64>() {
        Ok(binary) => to.serialize_f64(binary),
        Err(_) => Err(serde::ser::Error::custom("a decimal out of range")),
    }
}

#[cfg(test)]
mod tests {
    use super::Won;
    use proptest::prelude::{any, prop_assert_eq, proptest};
    use rust_decimal::Decimal;

    fn won(text: &str) -> Won {
        Won::from(text.parse::<Decimal>().unwrap())
    }

    #[test]
    fn whole_amounts_are_json_integers_and_others_plain_numbers() {
        for (amount, json) in [
            ("1444", "1444"),
            ("132.5", "132.5"),
            ("0", "0"),
            ("-63100.00", "-63100"),
        ] {
            assert_eq!(serde_json::to_string(&won(amount)).unwrap(), json);
        }
    }

    #[test]
    fn an_amount_no_binary_number_stands_for_is_not_exact() {
        assert_eq!(won("132.5").to_exact_f64(), Some(132.5));
        assert_eq!(won("0.1").to_exact_f64(), Some(0.1));
        assert_eq!(won("1234567890123456.789").to_exact_f64(), None);
    }

    #[test]
    fn not_a_number_is_not_an_amount() {
        assert_eq!(Won::from_f64(f64::NAN), None);
        assert_eq!(Won::from_f64(f64::INFINITY), None);
    }

    proptest! {
        #[test]
        fn fifteen_digits_survive_the_way_through_a_binary_number(
            digits in -999_999_999_999_999_i64..=999_999_999_999_999, scale in 0_u32..=6
        ) {
            let amount = Won::from(Decimal::new(digits, scale));
            let there = amount.to_exact_f64().unwrap();
            prop_assert_eq!(Won::from_f64(there), Some(amount));
        }

        #[test]
        fn what_comes_back_is_what_went_in_or_nothing_goes(digits in any::<i64>(), scale in 0_u32..=18) {
            let amount = Won::from(Decimal::new(digits, scale));
            if let Some(there) = amount.to_exact_f64() {
                prop_assert_eq!(Won::from_f64(there), Some(amount));
            }
        }
    }
}
