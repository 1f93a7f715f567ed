//! Parses the `auth` commands.

use crate::auth::Way;

/// An `auth` command.
#[derive(Debug, PartialEq)]
pub(super) enum Auth {
    Status { json: bool },
    Set { scheme: Option<String>, field: Option<String>, origins: Vec<String> },
    Login { scheme: Option<String>, way: Way, origins: Vec<String> },
    Logout { scheme: Option<String> },
    RotateKey { to: Option<String> },
}

/// Splits the arguments into the values of `--origin` and the other arguments. Returns the other arguments first,
/// or `None` if `--origin` has no value.
pub(super) fn take_origins<'w>(words: &[&'w str]) -> Option<(Vec<&'w str>, Vec<String>)> {
    let (mut rest, mut origins) = (Vec::new(), Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--origin" => origins.push((*words.next()?).to_owned()),
            _ => rest.push(*word),
        }
    }
    Some((rest, origins))
}
