//! The JSON of an answer, down to the texts of its rows.
//!
//! Whatever the JSON is, it is read for what it says: a field that is missing or null is empty, one
//! that is a number is its digits, a row that is no object has no fields. Texts are borrowed from
//! the body and what is not needed is passed over, as this is most of the work of reading an answer.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// An answer's body.
#[derive(Debug, PartialEq)]
pub(super) struct Body<'a> {
    /// The rows; `None` where `list` is not there, or no list.
    pub(super) list: Option<Vec<Fields<'a>>>,
    /// Rows were dropped when it was stored.
    pub(super) capped: bool,
}

/// A row's fields as text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Fields<'a> {
    pub(super) rcept_no: Cow<'a, str>,
    pub(super) corp_cls: Cow<'a, str>,
    pub(super) corp_code: Cow<'a, str>,
    pub(super) se: Cow<'a, str>,
    pub(super) stock_knd: Cow<'a, str>,
    pub(super) thstrm: Cow<'a, str>,
    pub(super) frmtrm: Cow<'a, str>,
    pub(super) lwfr: Cow<'a, str>,
    pub(super) stlm_dt: Cow<'a, str>,
}

impl<'a> Fields<'a> {
    fn named(&mut self, name: &str) -> Option<&mut Cow<'a, str>> {
        Some(match name {
            "rcept_no" => &mut self.rcept_no,
            "corp_cls" => &mut self.corp_cls,
            "corp_code" => &mut self.corp_code,
            "se" => &mut self.se,
            "stock_knd" => &mut self.stock_knd,
            "thstrm" => &mut self.thstrm,
            "frmtrm" => &mut self.frmtrm,
            "lwfr" => &mut self.lwfr,
            "stlm_dt" => &mut self.stlm_dt,
            _ => return None,
        })
    }
}

impl<'de> Deserialize<'de> for Body<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(OfBody)
    }
}

struct OfBody;

impl<'de> Visitor<'de> for OfBody {
    type Value = Body<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body<'de>, A::Error> {
        let mut body = Body {
            list: None,
            capped: false,
        };
        while let Some(Text(name)) = map.next_key()? {
            match name.as_ref() {
                "list" => body.list = map.next_value::<List<'de>>()?.0,
                "capped" => body.capped = map.next_value::<Value>()? == Value::Bool(true),
                _ => {
                    let Passed = map.next_value()?;
                }
            }
        }
        Ok(body)
    }
}

/// Declares what a visitor makes of the JSON values it has no use for.
macro_rules! otherwise {
    ($($visit:ident($of:ty)),*: $made:expr) => {
        $(fn $visit<E: Error>(self, _: $of) -> Result<Self::Value, E> {
            Ok($made)
        })*

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok($made)
        }

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON")
        }
    };
}

/// A list of rows, if it is one.
struct List<'a>(Option<Vec<Fields<'a>>>);

impl<'de> Deserialize<'de> for List<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = List<'de>;

            otherwise!(visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64),
                       visit_str(&str): List(None));

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<List<'de>, A::Error> {
                let mut list = Vec::with_capacity(20);
                while let Some(row) = rows.next_element()? {
                    list.push(row);
                }
                Ok(List(Some(list)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<'de>, A::Error> {
                pass_over(map).map(|()| List(None))
            }
        }
        from.deserialize_any(Of)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = Fields<'de>;

            otherwise!(visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64),
                       visit_str(&str): Fields::default());

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                while list.next_element::<Passed>()?.is_some() {}
                Ok(Fields::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Fields::default();
                while let Some(Text(name)) = map.next_key()? {
                    match fields.named(&name) {
                        Some(field) => *field = map.next_value::<Text<'de>>()?.0,
                        None => {
                            let Passed = map.next_value()?;
                        }
                    }
                }
                Ok(fields)
            }
        }
        from.deserialize_any(Of)
    }
}

/// Any value as its text; null is empty.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E: Error>(self) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed("")))
            }

            fn visit_bool<E: Error>(self, yes: bool) -> Result<Text<'de>, E> {
                Ok(shown(&Value::from(yes)))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Text<'de>, E> {
                Ok(shown(&Value::from(number)))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(shown(&Value::from(number)))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Text<'de>, E> {
                Ok(shown(&Value::from(number)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Text<'de>, A::Error> {
                Value::deserialize(SeqAccessDeserializer::new(list)).map(|value| shown(&value))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text<'de>, A::Error> {
                Value::deserialize(MapAccessDeserializer::new(map)).map(|value| shown(&value))
            }
        }
        from.deserialize_any(Of)
    }
}

fn shown<'a>(value: &Value) -> Text<'a> {
    Text(Cow::Owned(value.to_string()))
}

/// A value nobody reads. Unlike serde's `IgnoredAny` it has to be JSON all the same, so that what
/// can be read can be stored.
struct Passed;

impl<'de> Deserialize<'de> for Passed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = Passed;

            otherwise!(visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64),
                       visit_str(&str): Passed);

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Passed, A::Error> {
                while list.next_element::<Passed>()?.is_some() {}
                Ok(Passed)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Passed, A::Error> {
                pass_over(map).map(|()| Passed)
            }
        }
        from.deserialize_any(Of)
    }
}

fn pass_over<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<Passed, Passed>()?.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::HashMap;

    use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};
    use serde_json::Value;

    use super::{Body, Fields};

    /// The same by way of a tree of values.
    fn plainly(body: &[u8]) -> Option<Body<'static>> {
        let answer: HashMap<String, Value> = serde_json::from_slice(body).ok()?;
        let text = |row: &Value, name: &str| -> Cow<'static, str> {
            match row.get(name) {
                None | Some(Value::Null) => Cow::Borrowed(""),
                Some(Value::String(text)) => Cow::Owned(text.clone()),
                Some(other) => Cow::Owned(other.to_string()),
            }
        };
        let fields = |row: &Value| Fields {
            rcept_no: text(row, "rcept_no"),
            corp_cls: text(row, "corp_cls"),
            corp_code: text(row, "corp_code"),
            se: text(row, "se"),
            stock_knd: text(row, "stock_knd"),
            thstrm: text(row, "thstrm"),
            frmtrm: text(row, "frmtrm"),
            lwfr: text(row, "lwfr"),
            stlm_dt: text(row, "stlm_dt"),
        };
        Some(Body {
            list: answer
                .get("list")
                .and_then(Value::as_array)
                .map(|rows| rows.iter().map(fields).collect()),
            capped: answer.get("capped") == Some(&Value::Bool(true)),
        })
    }

    fn read(body: &[u8]) -> Option<Body<'_>> {
        serde_json::from_slice(body).ok()
    }

    #[test]
    fn odd_json_is_read_as_a_tree_of_values_would_be() {
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for body in [
            "",
            "{}",
            "[]",
            "7",
            "null",
            "{\"list\":[]} x",
            "{\"list\":null}",
            "{\"list\":{\"a\":[1,{}]}}",
            "{\"list\":\"rows\",\"capped\":true}",
            "{\"list\":[1],\"list\":[{\"se\":\"a\",\"se\":\"b\"}]}",
            "{\"list\":[{\"se\":null,\"thstrm\":361,\"frmtrm\":-1.50,\"lwfr\":1e300}]}",
            "{\"list\":[{\"se\":true,\"thstrm\":[1, \"a\"],\"frmtrm\":{\"b\": null}}]}",
            "{\"list\":[{\"se\":\"\\uc8fc\\ub2f9\"},null,[[]],\"x\",0.5]}",
            "{\"list\":[{\"junk\":1e999}]}",
            "{\"junk\":\"\\ud800\"}",
            "{\"capped\":1}",
            "{\"capped\":[true]}",
            deep.as_str(),
        ] {
            assert_eq!(read(body.as_bytes()), plainly(body.as_bytes()), "{body}");
        }
        assert_eq!(read(b"{\"x\":\"\xff\"}"), None);
    }

    fn any_body() -> impl Strategy<Value = String> {
        let name = prop_oneof![
            Just("list".to_owned()),
            Just("capped".to_owned()),
            Just("se".to_owned()),
            Just("thstrm".to_owned()),
            Just("corp_code".to_owned()),
            "\\PC{0,3}",
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,6}".prop_map(Value::from),
        ];
        let json = leaf.prop_recursive(4, 40, 8, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((name.clone(), inner), 0..8)
                    .prop_map(|fields| fields.into_iter().collect()),
            ]
        });
        json.prop_map(|json| json.to_string())
    }

    proptest! {
        #[test]
        fn any_json_is_read_as_a_tree_of_values_would_be(body in any_body(), cut in 0_usize..400) {
            let body = body.as_bytes();
            prop_assert_eq!(read(body), plainly(body));
            let cut = &body[..cut.min(body.len())];
            prop_assert_eq!(read(cut), plainly(cut));
        }
    }
}
