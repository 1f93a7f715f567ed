//! The fields of a query string or a submitted form.

use jackfield_recipe::percent_decode;

/// The decoded fields of a query string or a submitted form.
pub(crate) struct FormFields(Vec<(String, String)>);

impl FormFields {
    /// Decodes fields. `None` if a name occurs twice or a value is not UTF-8.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let decode = |text: &str| String::from_utf8(percent_decode(&text.replace('+', " "))?).ok();
        let mut fields: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name)?;
            if fields.iter().any(|(known, _)| *known == name) {
                return None;
            }
            fields.push((name, decode(value)?));
        }
        Some(Self(fields))
    }

    /// Returns the value of a field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_with_a_duplicate_or_undecodable_field_is_refused() {
        let field =
            |text: &str| FormFields::parse(text).and_then(|form| form.get("token").map(str::to_owned));
        assert_eq!(field("a=1&token=x%2By+z").as_deref(), Some("x+y z"));
        for refused in ["token=x&token=y", "token=x&%74oken=y", "token=%FF", "a=%FF&token=x", "a=1", ""] {
            assert_eq!(field(refused), None, "{refused}");
        }
    }
}
