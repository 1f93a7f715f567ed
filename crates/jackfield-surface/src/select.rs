//! Selects the operations that become tools.

use std::collections::BTreeSet;

use jackfield_model::{Candidate, fits_glob};

/// A selector of operations: by `operationId`, by route, or by tag, with `*` for any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Tag(String),
    Route { method: String, path: String },
    Id(String),
}

impl Selector {
    /// Parses a selector such as `listBooks`, `GET /books/*` or `tag:books`.
    ///
    /// # Errors
    /// Returns a description of the problem if the text is empty or its path does not begin with `/`.
    pub fn parse(text: &str) -> Result<Self, String> {
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
            return Err("an empty text selects nothing".to_owned());
        } else {
            Kind::Id(trimmed.to_owned())
        };
        Ok(Self { text: text.to_owned(), kind })
    }

    /// The selector in the user's spelling.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the selector matches an operation.
    pub fn matches(&self, candidate: &Candidate<'_>) -> bool {
        match &self.kind {
            Kind::Tag(tag) => candidate.tags.iter().any(|own| fits_glob(tag, own)),
            Kind::Route { method, path } => {
                fits_glob(method, candidate.method.as_str()) && fits_glob(path, &candidate.path)
            }
            Kind::Id(id) => candidate.id.is_some_and(|own| fits_glob(id, own)),
        }
    }
}

/// The candidates that become tools, and the selectors that matched at least one candidate.
#[derive(Clone, Debug)]
pub struct Selected {
    /// For each candidate, whether it becomes a tool.
    pub chosen: Vec<bool>,
    /// For each selector of `include`, whether it matched a candidate.
    pub included: Vec<bool>,
    /// For each selector of `exclude`, whether it matched a candidate.
    pub excluded: Vec<bool>,
}

impl Selected {
    /// The keys with which tables can refer to the selected candidates.
    pub fn keys(&self, candidates: &[Candidate<'_>]) -> BTreeSet<String> {
        let chosen = candidates.iter().zip(&self.chosen).filter(|(_, is_chosen)| **is_chosen);
        chosen.flat_map(|(candidate, _)| candidate.keys()).collect()
    }
}

/// Selects the candidates that match `include`, or all candidates if `include` is empty, except those that
/// match `exclude`.
pub fn select(candidates: &[Candidate<'_>], include: &[&Selector], exclude: &[&Selector]) -> Selected {
    let mut included = vec![false; include.len()];
    let mut excluded = vec![false; exclude.len()];
    let chosen = candidates.iter().map(|candidate| {
        let is_included = note_matches(include, candidate, &mut included) || include.is_empty();
        let is_excluded = note_matches(exclude, candidate, &mut excluded);
        is_included && !is_excluded
    });
    let chosen = chosen.collect();
    Selected { chosen, included, excluded }
}

/// Whether any selector matches. Records every selector that does.
fn note_matches(selectors: &[&Selector], candidate: &Candidate<'_>, matched: &mut [bool]) -> bool {
    let mut any = false;
    for (selector, matched) in selectors.iter().zip(matched) {
        if selector.matches(candidate) {
            *matched = true;
            any = true;
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use jackfield_model::Method;

    use super::*;

    #[test]
    fn selector_of_each_kind_is_parsed() {
        let candidate = Candidate {
            method: Method::new("GET").unwrap(),
            path: "/books/{id}".to_owned(),
            id: Some("getBook"),
            tags: vec!["books"],
        };
        let chooses = |text| Selector::parse(text).is_ok_and(|selector| selector.matches(&candidate));
        for text in ["getBook", "get*", "tag:books", "GET /books/*", "* /books/{id}", "get /books/{id}"] {
            assert!(chooses(text), "{text}");
        }
        for text in ["GetBook", "tag:book", "POST /books/*", "GET /book"] {
            assert!(!chooses(text), "{text}");
        }
        assert!(Selector::parse("GET books").is_err());
        assert!(Selector::parse(" ").is_err());
    }

    #[test]
    fn exclusion_of_an_operation_overrides_every_inclusion() {
        let candidate = |method: &str, id| Candidate {
            method: Method::new(method).unwrap(),
            path: "/books".to_owned(),
            id: Some(id),
            tags: vec!["books"],
        };
        let candidates = [candidate("GET", "listBooks"), candidate("POST", "addBook")];
        let [books, add, burn] = ["tag:books", "addBook", "burnBook"].map(|it| Selector::parse(it).unwrap());
        let selected = select(&candidates, &[&books, &burn], &[&add]);
        assert_eq!(selected.chosen, [true, false]);
        assert_eq!((selected.included, selected.excluded), (vec![true, false], vec![true]));
        assert_eq!(select(&candidates, &[], &[]).chosen, [true, true]);
    }

    #[test]
    fn keys_of_a_selection_are_those_of_chosen_operations() {
        let candidates = [Candidate {
            method: Method::new("GET").unwrap(),
            path: "/books".to_owned(),
            id: Some("listBooks"),
            tags: Vec::new(),
        }];
        let all = select(&candidates, &[], &[]);
        assert_eq!(all.keys(&candidates).into_iter().collect::<Vec<_>>(), ["GET /books", "listBooks"]);
        let list = Selector::parse("listBooks").unwrap();
        assert!(select(&candidates, &[], &[&list]).keys(&candidates).is_empty());
    }
}
