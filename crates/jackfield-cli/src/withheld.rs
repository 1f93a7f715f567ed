//! Tells the user which parts of a connector are withheld, because they differ from jackfield.lock.

use jackfield_build::model::visible_line;
use jackfield_build::{LOCK_FILE, LockChanges, ServedModel, Withheld};

use crate::paint;

/// Tells the user how a connector differs from its lock, and what is withheld because of that.
pub(crate) fn tell(served: &ServedModel) {
    let ServedModel { modelled, withheld } = served;
    let left = modelled.connector.operations().count();
    if let Some(text) = text(withheld, left) {
        paint::warn(&text);
    }
}

/// The warning. None if nothing differs.
fn text(withheld: &Withheld, left: usize) -> Option<String> {
    let changes = withheld.changes.as_ref().filter(|changes| !changes.is_empty())?;
    let what = match what(withheld, left) {
        Some(what) => format!("{what} until you accept what differs from {LOCK_FILE}:"),
        None => format!("the connector differs from {LOCK_FILE}:"),
    };
    Some(format!("{what}{}\n  = help: {}", lines(changes), withheld.remedy()))
}

/// The withheld tools.
fn what(withheld: &Withheld, left: usize) -> Option<String> {
    let tools = withheld.tools.len();
    let tools = match (tools, left) {
        (0, _) => None,
        (1, 0) => Some("the only tool".to_owned()),
        (tools, 0) => Some(format!("all {tools} tools")),
        (tools, left) => Some(format!("{tools} of {} tools", tools + left)),
    };
    let texts = withheld.texts.then(|| "the descriptions of document and tags".to_owned());
    let instructions = withheld.instructions.then(|| "the instructions".to_owned());
    let parts: Vec<String> = [tools, texts, instructions].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| {
        let verb = if parts.len() == 1 && (withheld.tools.len() == 1) { "is" } else { "are" };
        format!("{} {verb} withheld", parts.join(", and "))
    })
}

fn lines(changes: &LockChanges) -> String {
    changes.to_string().lines().map(|line| format!("\n  {}", visible_line(line))).collect()
}
