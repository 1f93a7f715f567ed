//! Prints which parts of a connector are withheld, because they differ from jackfield.lock.

use jackfield_build::model::visible_line;
use jackfield_build::{LOCK_FILE, LockChanges, ServedModel, Withheld};

use crate::paint;

/// Prints how a connector differs from its lock, and the parts that are withheld because of this.
pub(crate) fn tell(served: &ServedModel) {
    let ServedModel { modelled, withheld } = served;
    let left = modelled.connector.tools();
    if let Some(text) = text(withheld, left) {
        paint::warn(&text);
    }
}

/// Returns the warning, or None if nothing differs.
fn text(withheld: &Withheld, left: usize) -> Option<String> {
    let changes = withheld.changes.as_ref().filter(|changes| !changes.is_empty())?;
    let what = match what(withheld, left) {
        Some(what) => format!("{what} until you accept what differs from {LOCK_FILE}:"),
        None => format!("the connector differs from {LOCK_FILE}:"),
    };
    Some(format!("{what}{}\n  = help: {}", lines(changes), withheld.remedy()))
}

/// Returns a phrase about the parts that are withheld, or None if nothing is withheld.
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
    let prompts = match withheld.prompts.as_slice() {
        [] => None,
        [one] => Some(format!("the prompt `{}`", visible_line(one))),
        several => Some(format!("{} prompts", several.len())),
    };
    let pages = withheld.documentation.then(|| "the documentation".to_owned());
    let parts: Vec<String> = [tools, texts, instructions, prompts, pages].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| {
        let is_one = withheld.tools.len() == 1 || withheld.prompts.len() == 1 || withheld.documentation;
        let verb = if parts.len() == 1 && is_one { "is" } else { "are" };
        format!("{} {verb} withheld", parts.join(", and "))
    })
}

fn lines(changes: &LockChanges) -> String {
    changes.to_string().lines().map(|line| format!("\n  {}", visible_line(line))).collect()
}
