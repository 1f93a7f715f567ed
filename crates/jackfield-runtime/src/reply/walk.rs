//! Applies reply paths to JSON text: redacts, keeps or omits the values that the paths select.

use jackfield_recipe::{PathState, ReplyPath, WalkedChild, WalkedKind};

use super::edits::{Edit, Edits};
use super::tape::{Child, Tape};

/// The paths that may select a value or a value inside it, with their states at this value.
struct Walk<'p> {
    paths: &'p [ReplyPath],
    states: Vec<(usize, PathState)>,
}

impl<'p> Walk<'p> {
    fn new(paths: &'p [ReplyPath]) -> Self {
        Self { paths, states: (0..paths.len()).map(|at| (at, PathState::START)).collect() }
    }

    /// Enters a value. Returns whether a path selects it.
    fn arrive(&mut self, kind: WalkedKind) -> bool {
        self.arrive_telling(kind, &mut |_| {})
    }

    /// Enters a value, and calls `tell` with the number of each path that selects the value.
    fn arrive_telling(&mut self, kind: WalkedKind, tell: &mut impl FnMut(usize)) -> bool {
        let mut is_selected = false;
        for (at, state) in &mut self.states {
            *state = self.paths[*at].at(*state, kind);
            if self.paths[*at].selects(*state) {
                is_selected = true;
                tell(*at);
            }
        }
        is_selected
    }

    /// Returns the walk at a child of the value.
    fn enter(&self, child: &Child<'_>) -> Self {
        let name = child.name();
        let way = name.as_deref().map_or(WalkedChild::Item, WalkedChild::Member);
        let states = self.states.iter().map(|(at, state)| (*at, self.paths[*at].enter(*state, way)));
        Self { paths: self.paths, states: states.filter(|(_, state)| !state.is_dead()).collect() }
    }

    const fn is_over(&self) -> bool {
        self.states.is_empty()
    }
}

/// Returns the edits that redact the values that the paths select.
pub(super) fn redactions(tape: &Tape<'_>, paths: &[ReplyPath]) -> Edits {
    let mut edits = Edits::default();
    if !paths.is_empty() {
        change(tape, paths, &Edit::Redact, &mut edits);
    }
    edits
}

/// Applies an edit to every value that a path selects.
pub(super) fn change(tape: &Tape<'_>, paths: &[ReplyPath], edit: &Edit, edits: &mut Edits) {
    change_below(tape, Tape::ROOT, Walk::new(paths), edit, edits);
}

fn change_below(tape: &Tape<'_>, node: usize, mut walk: Walk<'_>, edit: &Edit, edits: &mut Edits) {
    if walk.is_over() || edits.hides(node) {
        return;
    }
    if walk.arrive(tape.kind(node)) {
        return edits.set(node, edit.clone());
    }
    for child in tape.children(node) {
        change_below(tape, child.node, walk.enter(&child), edit, edits);
    }
}

/// Omits every value that no path selects. If a path leads into an array, all items of the array remain, so that it keeps its length.
/// Returns for each path whether it selects a value that no other path contains.
pub(super) fn keep(tape: &Tape<'_>, paths: &[ReplyPath], edits: &mut Edits) -> Vec<bool> {
    let mut found = vec![false; paths.len()];
    keep_below(tape, Tape::ROOT, Walk::new(paths), edits, &mut found);
    found
}

fn keep_below(
    tape: &Tape<'_>,
    node: usize,
    mut walk: Walk<'_>,
    edits: &mut Edits,
    found: &mut [bool],
) -> bool {
    if walk.is_over() || edits.is_omitted(node) {
        return false;
    }
    if walk.arrive_telling(tape.kind(node), &mut |at| found[at] = true) {
        return true;
    }
    if edits.hides(node) {
        return false;
    }
    let mut keeps = false;
    for child in tape.children(node) {
        let into = walk.enter(&child);
        let is_walked = !into.is_over() && tape.kind(child.node) != WalkedKind::Scalar;
        let is_kept = keep_below(tape, child.node, into, edits, found);
        keeps |= is_kept;
        let stays = child.key.is_none() && is_walked && !edits.hides(child.node);
        if !is_kept && !stays {
            edits.set(child.node, Edit::Omit);
        }
    }
    keeps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(texts: &[&str]) -> Vec<ReplyPath> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn printed(tape: &Tape<'_>, edits: &Edits) -> String {
        let mut out = String::new();
        edits.print(tape, Tape::ROOT, &mut out);
        out
    }

    const ORDERS: &str = r#"{"orders":[{"id":1,"to":{"em\u0061il":"a@x","name":"A"}},{"id":2,"to":{"email":["b@x"],"email":"c@x"}},7],"total":2}"#;

    #[test]
    fn values_under_escaped_and_duplicate_keys_are_redacted() {
        let tape = Tape::parse(ORDERS).unwrap();
        for path in ["$.orders[].to.email", "orders.to.email", "$..email"] {
            let mut edits = Edits::default();
            change(&tape, &paths(&[path]), &Edit::Redact, &mut edits);
            assert_eq!(
                printed(&tape, &edits),
                r#"{"orders":[{"id":1,"to":{"em\u0061il":"[redacted]","name":"A"}},{"id":2,"to":{"email":"[redacted]","email":"[redacted]"}},7],"total":2}"#
            );
        }
    }

    #[test]
    fn arrays_keep_their_length_if_only_some_fields_are_selected() {
        let tape = Tape::parse(ORDERS).unwrap();
        for (list, is_found, text) in [
            (&["orders.id"][..], true, r#"{"orders":[{"id":1},{"id":2}]}"#),
            (&["orders.to.name", "total"], true, r#"{"orders":[{"to":{"name":"A"}},{}],"total":2}"#),
            (&["$"], true, ORDERS),
            (&["nothing"], false, "{}"),
        ] {
            let mut edits = Edits::default();
            assert_eq!(keep(&tape, &paths(list), &mut edits), vec![is_found; list.len()], "{list:?}");
            assert_eq!(printed(&tape, &edits), text);
        }
    }

    #[test]
    fn path_below_a_redacted_value_selects_nothing() {
        let tape = Tape::parse(ORDERS).unwrap();
        let mut edits = Edits::default();
        change(&tape, &paths(&["orders.to"]), &Edit::Redact, &mut edits);
        keep(&tape, &paths(&["orders.to.email", "orders.id"]), &mut edits);
        change(&tape, &paths(&["total"]), &Edit::Omit, &mut edits);
        assert_eq!(printed(&tape, &edits), r#"{"orders":[{"id":1},{"id":2}]}"#);
        let mut edits = Edits::default();
        change(&tape, &paths(&["$"]), &Edit::Redact, &mut edits);
        assert_eq!(keep(&tape, &paths(&["$"]), &mut edits), [true]);
        assert_eq!(printed(&tape, &edits), "\"[redacted]\"");
    }
}
