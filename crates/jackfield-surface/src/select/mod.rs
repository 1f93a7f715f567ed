//! Selects the operations that become tools.

mod rules;
mod selector;
mod suggest;

pub use rules::{Resolved, RuleFault, Rules, Table, resolve};
pub use selector::{Facts, Selector, Specificity};
pub use suggest::Known;

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

/// Selects the operations that `include` matches, or all operations if `include` is empty. Operations that `exclude`
/// matches are left out.
///
/// Within a list, an entry with `!` removes what it matches from the entries without `!`. A list that only has
/// entries with `!` selects all other operations. An operation that the document hides is selected only if an entry of
/// `include` names it.
pub fn select(operations: &[Facts<'_>], include: &[&Selector], exclude: &[&Selector]) -> Selected {
    let (is_included, included) = listed(include, operations, true);
    let (is_excluded, excluded) = listed(exclude, operations, false);
    // A user who names a hidden operation wants it to be a tool.
    let is_shown = |facts: &Facts<'_>| {
        !facts.is_hidden || include.iter().any(|selector| selector.names_one() && selector.matches(facts))
    };
    let chosen = is_included.iter().zip(&is_excluded).zip(operations);
    let chosen = chosen.map(|((included, excluded), facts)| *included && !*excluded && is_shown(facts));
    Selected { chosen: chosen.collect(), included, excluded }
}

/// Whether a list selects each operation, and whether each selector matches any operation.
fn listed(list: &[&Selector], operations: &[Facts<'_>], of_none: bool) -> (Vec<bool>, Vec<bool>) {
    let mut selected =
        vec![if list.is_empty() { of_none } else { list.iter().all(|it| it.is_negated()) }; operations.len()];
    let mut matched = vec![false; list.len()];
    for removes in [false, true] {
        let some = list.iter().enumerate().filter(|(_, selector)| selector.is_negated() == removes);
        for (at, selector) in some {
            for (operation, _) in selector.without_negation().chosen(operations) {
                matched[at] = true;
                selected[operation] = !removes;
            }
        }
    }
    (selected, matched)
}

#[cfg(test)]
mod tests {
    use jackfield_model::{Candidate, Effect, Method, ToolName};

    use super::*;

    #[test]
    fn selector_of_each_kind_is_parsed_and_matches() {
        let candidate = Candidate {
            method: Method::new("GET").unwrap(),
            path: "/books/{id}".to_owned(),
            id: Some("getBook"),
            tags: vec!["books"],
            is_hidden: false,
        };
        let name = ToolName::new("look_up").unwrap();
        let facts = Facts::of_candidate(&candidate).of_tool(&name, Effect::Read);
        let chooses = |text| Selector::parse(text).is_ok_and(|selector| selector.matches(&facts));
        for text in [
            "getBook",
            "get*",
            "id:getBook",
            "look_up",
            "look*",
            "tool:look_up",
            "tag:books",
            "tag:*",
            "*",
            "GET /books/*",
            "* /books/{id}",
            "/books/{id}",
            "/books*",
            "path:/books/*",
            "method:GET",
            "effect:read",
            "!tag:films",
            "!effect:write",
            "! POST *",
        ] {
            assert!(chooses(text), "{text}");
        }
        for text in [
            "GetBook",
            "get /books/{id}",
            "tag:book",
            "tag:Books",
            "POST /books/*",
            "GET /book",
            "/book",
            "method:get",
            "effect:write",
            "id:look_up",
            "tool:getBook",
            "!tag:books",
            "!getBook",
            "!look_up",
        ] {
            assert!(!chooses(text), "{text}");
        }
        for text in [
            "GET books",
            " ",
            "tag:",
            "tool: ",
            "effect:delete",
            "effect:Read",
            "!!tag:books",
            "!*",
            "path:books",
        ] {
            assert!(Selector::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn exclusion_of_an_operation_overrides_every_inclusion() {
        let candidate = |method: &str, id| Candidate {
            method: Method::new(method).unwrap(),
            path: "/books".to_owned(),
            id: Some(id),
            tags: vec!["books"],
            is_hidden: false,
        };
        let candidates = [candidate("GET", "listBooks"), candidate("POST", "addBook")];
        let facts = candidates.each_ref().map(Facts::of_candidate);
        let [books, add, burn, not_add] =
            ["tag:books", "addBook", "burnBook", "!addBook"].map(|it| Selector::parse(it).unwrap());
        let selected = select(&facts, &[&books, &burn], &[&add]);
        assert_eq!(selected.chosen, [true, false]);
        assert_eq!((selected.included, selected.excluded), (vec![true, false], vec![true]));
        assert_eq!(select(&facts, &[], &[]).chosen, [true, true]);
        assert_eq!(select(&facts, &[&books, &not_add], &[]).chosen, [true, false]);
        assert_eq!(select(&facts, &[&not_add], &[]).chosen, [true, false]);
        assert_eq!(select(&facts, &[], &[&not_add]).chosen, [false, true]);
        assert_eq!(select(&facts, &[&add, &not_add], &[]).chosen, [false, false]);
    }
}
