//! A JSON text as a tree that borrows its strings: a body is parsed once, for its status and its rows.
//!
//! Whatever the JSON is, it is read for what it says: a field that is missing or null is empty, one
//! that is a number is its digits.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// Any JSON.
#[derive(Debug)]
pub(super) enum Json<'a> {
    Null,
    Flag(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    /// The fields in their order; of two with one name the later counts.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// The field of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else {
            return None;
        };
        fields
            .iter()
            .rev()
            .find(|(of, _)| of == name)
            .map(|(_, value)| value)
    }

    /// The value as a text: a string without its quotes, null as nothing, all else as JSON.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Null => Cow::Borrowed(""),
            other => Cow::Owned(Value::from(other).to_string()),
        }
    }
}

impl From<&Json<'_>> for Value {
    fn from(json: &Json<'_>) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Flag(yes) => Self::from(*yes),
            Json::Number(number) => Self::from(number.clone()),
            Json::Text(text) => Self::from(text.as_ref()),
            Json::List(values) => values.iter().map(Self::from).collect(),
            Json::Object(fields) => fields
                .iter()
                .map(|(name, value)| (name.to_string(), Self::from(value)))
                .collect(),
        }
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, yes: bool) -> Result<Json<'de>, E> {
        Ok(Json::Flag(yes))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Json<'de>, E> {
        Ok(Number::from_f64(number).map_or(Json::Null, Json::Number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json<'de>, A::Error> {
        // About as many as an answer has rows.
        let mut values = Vec::with_capacity(20);
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        // As many as a row of alotMatter.json has.
        let mut fields = Vec::with_capacity(12);
        while let Some((Name(name), value)) = map.next_entry()? {
            fields.push((name, value));
        }
        Ok(Json::Object(fields))
    }
}

#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};
    use serde_json::Value;

    use super::Json;

    /// The same by way of a tree that owns its strings.
    fn owned(body: &[u8]) -> Option<Value> {
        serde_json::from_slice(body).ok()
    }

    fn borrowed(body: &[u8]) -> Option<Value> {
        let json: Json<'_> = serde_json::from_slice(body).ok()?;
        Some(Value::from(&json))
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
            assert_eq!(borrowed(body.as_bytes()), owned(body.as_bytes()), "{body}");
        }
        assert_eq!(borrowed(b"{\"x\":\"\xff\"}"), None);
    }

    #[test]
    fn a_field_is_its_text() {
        let json: Json<'_> =
            serde_json::from_str(r#"{"a":"1,444","a":"x","b":null,"c":-1.50,"d":[1,{"e":true}]}"#)
                .unwrap();
        for (name, text) in [
            ("a", "x"),
            ("b", ""),
            ("c", "-1.5"),
            ("d", "[1,{\"e\":true}]"),
        ] {
            assert_eq!(json.get(name).unwrap().text(), text);
        }
        assert!(json.get("e").is_none());
        assert!(json.get("d").unwrap().get("e").is_none());
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
            prop_assert_eq!(borrowed(body), owned(body));
            let cut = &body[..cut.min(body.len())];
            prop_assert_eq!(borrowed(cut), owned(cut));
        }
    }
}
