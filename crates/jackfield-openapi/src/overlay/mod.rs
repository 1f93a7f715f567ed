//! OpenAPI Overlays: files with changes to a document, applied right after parsing.
//!
//! Overlays change only the root file. Places are pointers into the original text. A node that an overlay
//! adds is shown at its nearest ancestor in the root file, and an error in an overlay is shown in the
//! overlay.

mod action;
mod malformed;
mod merge;
mod query;

#[cfg(test)]
mod tests;

use jackfield_model::{Code, Diagnostic, Place, Pointer};
use serde_json::Value;

use self::action::{Action, Change, Expression, Overlay};
use self::malformed::malformed;
use self::query::VisitLimitExceeded;
use crate::kind::kind_of;
use crate::source::{self, Limits, Parsed, Source};

/// The maximum number of values that the evaluation of one expression may visit, as a multiple of the number of values that a document may
/// have.
const VISITS_PER_NODE: u64 = 4;

/// Applies overlays, each a name and its bytes, to a document in order. Returns their texts, so that findings
/// can show lines.
///
/// # Errors
/// Returns one error for each invalid action. Actions are applied only if all overlays are valid.
pub(crate) fn apply(
    document: &mut Parsed,
    overlays: &[(String, Vec<u8>)],
    limits: &Limits,
) -> Result<Vec<Source>, Vec<Diagnostic>> {
    let mut overlays_in_order = Vec::new();
    let mut refused = Vec::new();
    for (name, bytes) in overlays {
        match source::parse(name, bytes, limits) {
            Ok(parsed) => {
                document.findings.extend(parsed.findings);
                let overlay = Overlay::parse(&parsed.source, &parsed.root, &mut refused);
                overlays_in_order.push((parsed.source, overlay));
            }
            Err(finding) => refused.push(*finding),
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut sources = Vec::new();
    if overlays_in_order.is_empty() {
        return Ok(sources);
    }
    let mut editor = Editor::on(&mut document.root, limits);
    for (source, overlay) in overlays_in_order {
        for action in &overlay.actions {
            if let Err(finding) = editor.apply(action, overlay.replaces_primitives) {
                refused.push(*finding);
            }
        }
        sources.push(source);
    }
    if refused.is_empty() { Ok(sources) } else { Err(refused) }
}

/// Applies actions to a document.
struct Editor<'d> {
    root: &'d mut Value,
    limits: &'d Limits,
    /// An upper bound of the number of values in the document.
    nodes: usize,
}

impl<'d> Editor<'d> {
    fn on(root: &'d mut Value, limits: &'d Limits) -> Self {
        let nodes = merge::nodes(root);
        Self { root, limits, nodes }
    }

    fn apply(&mut self, action: &Action, replaces_primitives: bool) -> Result<(), Box<Diagnostic>> {
        let places = self.select(&action.target)?;
        match &action.change {
            Change::Remove => {
                if places.iter().any(|place| *place == Pointer::root()) {
                    return Err(malformed(
                        action.target.place.clone(),
                        "the whole document cannot be removed",
                        "select the parts to remove",
                    ));
                }
                // List items are removed from the end, so that the indexes of the remaining pointers stay
                // valid.
                places.iter().rev().for_each(|place| merge::remove(self.root, place));
                Ok(())
            }
            Change::Update(update, place) => self.update(action, &places, update, place, replaces_primitives),
            Change::Copy(from) => {
                let found = self.select(from)?;
                let [only] = &found[..] else {
                    return Err(malformed(
                        from.place.clone(),
                        format!("`copy` needs one value, and `{}` selects {}", from.text, found.len()),
                        "write an expression that selects one value",
                    ));
                };
                let copy = self.root.pointer(only.as_str()).cloned().unwrap_or_default();
                self.update(action, &places, &copy, &from.place, replaces_primitives)
            }
        }
    }

    /// Returns the pointers of the selected values, or an error if there are none.
    fn select(&self, expression: &Expression) -> Result<Vec<Pointer>, Box<Diagnostic>> {
        let Expression { text, query, place } = expression;
        let most_visits = (self.limits.nodes as u64).saturating_mul(VISITS_PER_NODE);
        match query.select(self.root, most_visits) {
            Err(VisitLimitExceeded) => Err(Box::new(
                Diagnostic::error(
                    Code::Limit,
                    Some(place.clone()),
                    format!("`{text}` visits more than {most_visits} values"),
                )
                .so("nothing was generated")
                .help("write more of the path, and nest fewer `..`"),
            )),
            Ok(places) if places.is_empty() => {
                let reach = query.reach(text, self.root, most_visits);
                Err(Box::new(
                    Diagnostic::error(
                        Code::OverlayUnmatched,
                        Some(place.clone()),
                        format!("`{text}` selects nothing; its longest matching part is `{reach}`"),
                    )
                    .so("nothing was generated")
                    .help("correct the path, or remove the action if the document no longer needs it"),
                ))
            }
            Ok(places) => Ok(places),
        }
    }

    fn update(
        &mut self,
        action: &Action,
        places: &[Pointer],
        update: &Value,
        place: &Place,
        replaces_primitives: bool,
    ) -> Result<(), Box<Diagnostic>> {
        self.check_limits(places, update, place)?;
        // The order is reversed, so that a selected value changes before the selected value that contains it.
        for at in places.iter().rev() {
            let Some(target) = self.root.pointer_mut(at.as_str()) else { continue };
            if !target.is_object() && !target.is_array() && !replaces_primitives {
                return Err(malformed(
                    action.target.place.clone(),
                    format!(
                        "`{}` selects {} at {at}, and Overlay 1.0 updates only mappings and lists",
                        action.target.text,
                        kind_of(target)
                    ),
                    "write `overlay: 1.1.0`; or select the mapping that contains it, and put the key with its new value \
                     in `update`",
                ));
            }
            merge::update(target, update).map_err(|clash| {
                let within = clash.path.iter().rev().fold(Pointer::root(), |path, key| path.child(key));
                let there = format!("{}{}", at.as_str(), within.as_str());
                // A copied value comes from the document, so its inner keys have no place in the overlay.
                let place = match action.change {
                    Change::Copy(_) => place.clone(),
                    _ => clash.path.iter().rev().fold(place.clone(), |place, key| place.child(key)),
                };
                malformed(
                    place,
                    format!(
                        "cannot merge {} into {} at {}",
                        clash.new,
                        clash.old,
                        Pointer::from_escaped(there)
                    ),
                    "write a value of the same type, or remove the old value in an earlier action",
                )
            })?;
        }
        Ok(())
    }

    /// Refuses an update after which the document would exceed the parse limits, because each `copy` can
    /// double the document.
    fn check_limits(
        &mut self,
        places: &[Pointer],
        update: &Value,
        place: &Place,
    ) -> Result<(), Box<Diagnostic>> {
        let refuse = |problem: String| {
            Box::new(
                Diagnostic::error(Code::Limit, Some(place.clone()), problem)
                    .so("nothing was generated")
                    .help("add less, or select fewer targets"),
            )
        };
        self.nodes = self.nodes.saturating_add(merge::nodes(update).saturating_mul(places.len()));
        if self.nodes > self.limits.nodes {
            let limit = self.limits.nodes;
            return Err(refuse(format!("the document would have more than {limit} values (limit `nodes`)")));
        }
        let deepest = places.iter().map(|at| at.as_str().matches('/').count()).max().unwrap_or(0);
        if deepest + merge::depth(update) > self.limits.deepest() {
            let limit = self.limits.deepest();
            return Err(refuse(format!(
                "the document would be nested deeper than {limit} levels (limit `depth`)"
            )));
        }
        Ok(())
    }
}
