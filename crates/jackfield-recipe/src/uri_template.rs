//! URI templates of resources (RFC 6570).

use std::fmt;

use crate::percent::percent_decode_lenient;

/// A URI template (RFC 6570) with simple (`{id}`) and reserved (`{+path}`) expressions of one variable each, and at the end an expression
/// of query parameters (`{?from,tags*}`). A parameter with `*` is a list: it is repeated for each value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UriTemplate {
    parts: Vec<Part>,
    query: Vec<TemplateVariable>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(TemplateVariable),
}

/// A variable of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateVariable {
    /// The name.
    pub name: String,
    /// The kind of expression that contains the variable.
    pub kind: VariableKind,
}

/// The kind of expression that contains a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableKind {
    /// `{id}`: text without a slash.
    Segment,
    /// `{+path}`: any text.
    Reserved,
    /// `{?from}`: a parameter of the query, which may be absent.
    Parameter,
    /// `{?tags*}`: a parameter of the query, which may be absent or repeated.
    Parameters,
}

impl VariableKind {
    /// Whether a URI may omit the variable.
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::Parameter | Self::Parameters)
    }
}

/// The variables of a URI, each with its decoded values. Only a `{?tags*}` parameter may have several values.
pub type TemplateValues = Vec<(String, Vec<String>)>;

/// The reason why a text is not a supported template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidUriTemplate(String);

impl fmt::Display for InvalidUriTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidUriTemplate {}

impl UriTemplate {
    /// Parses a template.
    ///
    /// # Errors
    /// Returns an error if an expression is invalid, or if a URI could be split into variables in more than one way.
    pub fn parse(text: &str) -> Result<Self, InvalidUriTemplate> {
        let template = Self::parse_lenient(text);
        let invalid = |problem: String| Err(InvalidUriTemplate(problem));
        let mut names: Vec<&str> = Vec::new();
        for variable in template.variables() {
            let name = variable.name.as_str();
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return invalid(format!(
                    "`{{{name}}}` is not a variable: names consist of letters, digits and `_`"
                ));
            }
            if names.contains(&name) {
                return invalid(format!("the variable `{name}` occurs twice"));
            }
            names.push(name);
        }
        for pair in template.parts.windows(2) {
            if let [Part::Variable(one), Part::Variable(other)] = pair {
                return invalid(format!("`{}` and `{}` have no text between them", one.name, other.name));
            }
        }
        for part in &template.parts {
            let Part::Literal(literal) = part else { continue };
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/@!$&'()*+,;=%[]".contains(c);
            if let Some(wrong) = literal.chars().find(|c| !is_allowed(*c)) {
                return invalid(match wrong {
                    '{' | '}' => "a `{` or `}` has no matching brace".to_owned(),
                    '?' => "a query has to be an expression at the end, as in `{?limit}`".to_owned(),
                    wrong => format!("`{}` has to be percent-encoded", wrong.escape_default()),
                });
            }
        }
        Ok(template)
    }

    /// Parses a template. Invalid expressions count as literal text.
    pub fn parse_lenient(text: &str) -> Self {
        let (mut parts, mut query) = (Vec::new(), Vec::new());
        let mut rest = text;
        while let Some((literal, expression, after)) = next_expression(rest) {
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            match expression.strip_prefix('?') {
                Some(names) if after.is_empty() => query.extend(names.split(',').map(parameter)),
                _ => parts.push(Part::Variable(match expression.strip_prefix('+') {
                    Some(name) => TemplateVariable { name: name.to_owned(), kind: VariableKind::Reserved },
                    None => TemplateVariable { name: expression.to_owned(), kind: VariableKind::Segment },
                })),
            }
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Self { parts, query }
    }

    /// Returns the variables, in the order of the template.
    pub fn variables(&self) -> impl Iterator<Item = &TemplateVariable> {
        let path = self.parts.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(variable),
            Part::Literal(_) => None,
        });
        path.chain(&self.query)
    }

    /// Returns the URI without optional variables. `None` if a variable is required.
    pub fn without_variables(&self) -> Option<String> {
        let literals = self.parts.iter().map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            Part::Variable(_) => None,
        });
        literals.collect()
    }

    /// Returns the template without the names of its variables. Templates with the same shape match the same URIs.
    pub fn shape(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Literal(text) => text.as_str(),
            Part::Variable(TemplateVariable { kind: VariableKind::Reserved, .. }) => "{+}",
            Part::Variable(_) => "{}",
        });
        parts.collect()
    }

    /// Returns the number of literal characters. A template with more literal characters is more specific.
    pub fn literal_length(&self) -> usize {
        let lengths = self.parts.iter().map(|part| match part {
            Part::Literal(text) => text.len(),
            Part::Variable(_) => 0,
        });
        lengths.sum()
    }

    /// Returns the values of the variables in a URI. `None` if the template cannot expand to the URI.
    ///
    /// A variable ends at the first occurrence of the literal text after it, so matching takes linear time.
    pub fn matches(&self, uri: &str) -> Option<TemplateValues> {
        let (mut rest, query) = match self.query.is_empty() {
            true => (uri, None),
            false => uri.split_once('?').map_or((uri, None), |(path, query)| (path, Some(query))),
        };
        let mut values = TemplateValues::new();
        for (at, part) in self.parts.iter().enumerate() {
            match part {
                Part::Literal(text) => rest = rest.strip_prefix(text.as_str())?,
                Part::Variable(TemplateVariable { name, kind }) => {
                    let end = match self.parts.get(at + 1) {
                        Some(Part::Literal(next)) if at + 2 == self.parts.len() => {
                            rest.strip_suffix(next.as_str())?.len()
                        }
                        Some(Part::Literal(next)) => rest.find(next.as_str())?,
                        _ => rest.len(),
                    };
                    let (value, after) = rest.split_at_checked(end)?;
                    let is_valid = !value.is_empty()
                        && (*kind == VariableKind::Reserved || !value.contains(['/', '?', '#']));
                    values.push((name.clone(), vec![is_valid.then(|| decode(value)).flatten()?]));
                    rest = after;
                }
            }
        }
        if !rest.is_empty() {
            return None;
        }
        query.map_or(Some(()), |query| self.add_parameters(query, &mut values))?;
        Some(values)
    }

    /// Adds the parameters of a query. `None` if the template lacks a parameter, or if a value is invalid.
    fn add_parameters(&self, query: &str, values: &mut TemplateValues) -> Option<()> {
        let first = values.len();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=')?;
            let variable = self.query.iter().find(|variable| variable.name == name)?;
            let value = (!value.contains('#')).then(|| decode(value)).flatten()?;
            let known = values.iter_mut().skip(first).find(|(known, _)| known == name);
            match known {
                None => values.push((name.to_owned(), vec![value])),
                Some((_, values)) if variable.kind == VariableKind::Parameters => values.push(value),
                Some(_) => return None,
            }
        }
        Some(())
    }
}

/// Returns the text before the next expression, the expression, and the text after it.
fn next_expression(text: &str) -> Option<(&str, &str, &str)> {
    let (literal, after) = text.split_once('{')?;
    let (name, rest) = after.split_once('}')?;
    Some((literal, name, rest))
}

fn parameter(written: &str) -> TemplateVariable {
    match written.strip_suffix('*') {
        Some(name) => TemplateVariable { name: name.to_owned(), kind: VariableKind::Parameters },
        None => TemplateVariable { name: written.to_owned(), kind: VariableKind::Parameter },
    }
}

/// Decodes percent-encoded bytes. `None` if the result is not UTF-8.
fn decode(text: &str) -> Option<String> {
    String::from_utf8(percent_decode_lenient(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uri_template_matches_only_uris_that_it_can_expand_to() {
        let values = |values: &[(&str, &[&str])]| {
            let own = values.iter().map(|(name, values)| {
                ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
            });
            Some(own.collect::<TemplateValues>())
        };
        for (template, uri, expected) in [
            ("test://template/{id}/data", "test://template/123/data", values(&[("id", &["123"])])),
            ("test://template/{id}/data", "test://template/a%20b/data", values(&[("id", &["a b"])])),
            ("test://template/{id}/data", "test://template/1/2/data", None),
            ("test://template/{id}/data", "test://template//data", None),
            ("test://template/{id}/data", "test://template/1/data/x", None),
            ("x://{a}/{b}", "x://1/2", values(&[("a", &["1"]), ("b", &["2"])])),
            ("x://{a}/{b}", "x://1", None),
            ("x://{+path}", "x://1/2%2f3", values(&[("path", &["1/2/3"])])),
            ("x://{+path}.txt", "x://a.txt.txt", values(&[("path", &["a.txt"])])),
            ("x://{id}", "x://%ff", None),
            ("x://{id}", "x://%zz%", values(&[("id", &["%zz%"])])),
            ("x://{id}", "x://%-1%+1", values(&[("id", &["%-1%+1"])])),
            ("x://{id", "x://{id", values(&[])),
            ("x://a{?b,c*}", "x://a", values(&[])),
            ("x://a{?b,c*}", "x://a?b=1+1%20", values(&[("b", &["1+1 "])])),
            ("x://a{?b,c*}", "x://a?c=1&b=&c=%262", values(&[("c", &["1", "&2"]), ("b", &[""])])),
            ("x://a{?b,c*}", "x://a?b=1&b=2", None),
            ("x://a{?b,c*}", "x://a?d=1", None),
            ("x://a{?b,c*}", "x://a?", None),
            ("x://a{?b,c*}", "x://a?b", None),
            ("x://a{?b,c*}", "x://a?b=1#c", None),
            ("x://a{?b,c*}", "x://a/1?b=1", None),
            ("x://{b}{?c}", "x://1?c=2", values(&[("b", &["1"]), ("c", &["2"])])),
        ] {
            assert_eq!(UriTemplate::parse_lenient(template).matches(uri), expected, "{template} {uri}");
        }
    }

    #[test]
    fn ambiguous_or_invalid_uri_template_is_refused() {
        for (template, problem) in [
            ("x://a/{b}", None),
            ("x://a/{+b}.txt{?c,d_1*}", None),
            ("x://a%20b/(c)", None),
            ("x://{a}{b}", Some("`a` and `b` have no text between them")),
            ("x://{a}/{a}", Some("the variable `a` occurs twice")),
            ("x://{a}{?b,a}", Some("the variable `a` occurs twice")),
            ("x://{a-b}", Some("`{a-b}` is not a variable: names consist of letters, digits and `_`")),
            ("x://{}", Some("`{}` is not a variable: names consist of letters, digits and `_`")),
            ("x://{?a}/b", Some("`{?a}` is not a variable: names consist of letters, digits and `_`")),
            ("x://{a", Some("a `{` or `}` has no matching brace")),
            ("x://a}", Some("a `{` or `}` has no matching brace")),
            ("x://a?b=1", Some("a query has to be an expression at the end, as in `{?limit}`")),
            ("x://a b", Some("` ` has to be percent-encoded")),
            ("x://a#b", Some("`#` has to be percent-encoded")),
            ("x://\u{e4}", Some("`\\u{e4}` has to be percent-encoded")),
        ] {
            let found = UriTemplate::parse(template).err().map(|error| error.to_string());
            assert_eq!(found.as_deref(), problem, "{template}");
        }
    }

    #[test]
    fn uri_template_shape_omits_variable_names() {
        let shape = |text: &str| UriTemplate::parse(text).unwrap().shape();
        assert_eq!(shape("x://a/{b}/c{?d}"), shape("x://a/{e}/c"));
        assert_ne!(shape("x://a/{b}"), shape("x://a/{+b}"));
    }
}
