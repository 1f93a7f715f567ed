//! Texts in which `{name}` stands for a variable.

/// Returns the names in braces, in order.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Name(name) => Some(name),
        Piece::Text(_) => None,
    })
}

/// Replaces each name in braces by its value. A name without a value stays as it is, with its braces. Values are not searched for names.
pub fn fill<V: AsRef<str>>(text: &str, value: impl Fn(&str) -> Option<V>) -> String {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Name(name) => match value(name) {
                Some(value) => filled.push_str(value.as_ref()),
                None => {
                    filled.push('{');
                    filled.push_str(name);
                    filled.push('}');
                }
            },
        }
    }
    filled
}

enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// Splits a text. Braces around anything that is not a name, as in JSON, are text.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(name) = leading_name(rest) {
            rest = rest.get(name.len() + 2..).unwrap_or_default();
            return Some(Piece::Name(name));
        }
        let mut opens = rest.match_indices('{').map(|(at, _)| at).filter(|at| *at > 0);
        let end = opens.next().unwrap_or(rest.len());
        let (before, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Text(before))
    })
}

/// Returns the name in the braces with which a text begins.
fn leading_name(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!name.is_empty() && name.chars().all(fits)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_replaced_once() {
        let value = |name: &str| match name {
            "host" => Some("{port}"),
            "port" => Some("80"),
            _ => None,
        };
        assert_eq!(fill("https://{host}:{port}/{other}", value), "https://{port}:80/{other}");
        assert_eq!(fill("{\"a\": {port}} {} {{host}", value), "{\"a\": 80} {} {{port}");
        assert_eq!(fill("{ho st} { {größe", value), "{ho st} { {größe");
        assert_eq!(fill("", value), "");
        assert_eq!(placeholders("{a}-{b}{a}").collect::<Vec<_>>(), ["a", "b", "a"]);
    }
}
