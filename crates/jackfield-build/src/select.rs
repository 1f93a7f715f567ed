//! Which operations become tools.

use std::ops::Range;

use jackfield_openapi::Candidate;

/// A choice of operations: by `operationId`, by route, or by tag, with `*` for anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selector {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Tag(String),
    Route { method: String, path: String },
    Id(String),
}

impl Selector {
    pub(crate) fn parse(text: &str, span: Range<usize>) -> Result<Self, String> {
        let trimmed = text.trim();
        let kind = if let Some(tag) = trimmed.strip_prefix("tag:") {
            Kind::Tag(tag.trim().to_owned())
        } else if let Some((method, path)) = trimmed.split_once(char::is_whitespace) {
            let path = path.trim();
            if !path.starts_with(['/', '*']) {
                return Err(format!("`{text}` is not a route: its path has to start with `/`"));
            }
            Kind::Route { method: method.to_ascii_uppercase(), path: path.to_owned() }
        } else if trimmed.is_empty() {
            return Err("an empty text chooses nothing".to_owned());
        } else {
            Kind::Id(trimmed.to_owned())
        };
        Ok(Self { text: text.to_owned(), span, kind })
    }

    pub(crate) fn matches(&self, candidate: &Candidate<'_>) -> bool {
        match &self.kind {
            Kind::Tag(tag) => candidate.tags.iter().any(|own| glob(tag, own)),
            Kind::Route { method, path } => glob(method, candidate.method) && glob(path, &candidate.path),
            Kind::Id(id) => candidate.id.is_some_and(|own| glob(id, own)),
        }
    }
}

/// Whether the text fits the pattern, in which `*` stands for anything. Linear in both, whatever the pattern.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = pattern.contains('*').then(|| parts.next_back()).flatten() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, fits) in [
            ("listBooks", "listBooks", true),
            ("listBooks", "listBooksNow", false),
            ("list*", "listBooks", true),
            ("*Books", "listBooks", true),
            ("l*B*s", "listBooks", true),
            ("a*a", "a", false),
            ("*", "", true),
            ("/books/*", "/books/{id}", true),
            ("/books/*", "/books", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn selectors() {
        let candidate = Candidate {
            method: "GET",
            path: "/books/{id}".to_owned(),
            id: Some("getBook"),
            tags: vec!["books"],
        };
        let chooses = |text| Selector::parse(text, 0..0).is_ok_and(|selector| selector.matches(&candidate));
        for text in ["getBook", "get*", "tag:books", "GET /books/*", "* /books/{id}", "get /books/{id}"] {
            assert!(chooses(text), "{text}");
        }
        for text in ["GetBook", "tag:book", "POST /books/*", "GET /book"] {
            assert!(!chooses(text), "{text}");
        }
        assert!(Selector::parse("GET books", 0..0).is_err());
        assert!(Selector::parse(" ", 0..0).is_err());
    }
}
