//! Reports credentials in texts and examples.

use jackfield_build::model::{Code, Diagnostic, Fix, Place};

use super::secret::{is_random_secret, known_in};
use super::value_place::ValuePlace;

/// Returns a finding if the text contains a credential.
pub(super) fn secret(text: &str, at: &ValuePlace) -> Option<Diagnostic> {
    let problem = match known_in(text) {
        Some((what, shown)) => format!("the text may contain {what}: `{shown}`"),
        None if at.is_example && is_random_secret(&at.name, text) => {
            let shown: String = text.chars().take(4).collect();
            format!("the example of `{}` looks like a real credential: `{shown}…`", at.name)
        }
        None => return None,
    };
    let place = match &at.example {
        Some(pointer) => Place { file: at.place.file.clone(), pointer: pointer.clone() },
        None => at.place.clone(),
    };
    let fix = at.can_overlay.then(|| Fix::removal(&place.pointer));
    Some(
        Diagnostic::warning(Code::SecretExample, place, problem)
            .so("everyone who reads the document can use the credential, and a model may send it in a call")
            .help("revoke the credential if it is real, and remove it from the document")
            .fix(fix),
    )
}
