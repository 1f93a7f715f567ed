//! The flag `--base-url URL`, which may stand before or after any command. It has the same effect as the
//! connector's `_BASE_URL` variable.

use std::fmt;

use super::output::Failure;
use crate::call::base_url::{BaseUrl, BaseUrlError};

const FLAG: &str = "--base-url";

/// Removes the flag from the arguments. Returns the value of the flag, if given, and the remaining arguments.
pub(super) fn take(
    words: impl IntoIterator<Item = String>,
) -> Result<(Option<String>, Vec<String>), Failure> {
    let (mut address, mut rest) = (None, Vec::new());
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let value = match word.strip_prefix(FLAG) {
            Some("") => words.next().unwrap_or_default(),
            Some(value) if value.starts_with('=') => value[1..].to_owned(),
            _ => {
                rest.push(word);
                continue;
            }
        };
        check(&value).map_err(|error| Failure::usage(error.to_string()))?;
        if address.replace(value).is_some() {
            return Err(Failure::usage(format!("{FLAG} is given twice")));
        }
    }
    Ok((address, rest))
}

/// Checks that `address` is a valid value of `--base-url`.
///
/// # Errors
/// Returns an error if `address` is not a base URL.
pub fn check(address: &str) -> Result<(), BaseUrlFlagError> {
    if address.is_empty() {
        return Err(BaseUrlFlagError(None));
    }
    BaseUrl::parse_chosen(address).map(drop).map_err(|error| BaseUrlFlagError(Some(error)))
}

/// The error for a missing or invalid value of `--base-url`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrlFlagError(Option<BaseUrlError>);

impl fmt::Display for BaseUrlFlagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => write!(f, "{FLAG} needs a URL, as in {FLAG} https://api.example.com/v1"),
            Some(error) => write!(f, "{FLAG}: {error}"),
        }
    }
}

impl std::error::Error for BaseUrlFlagError {}

#[cfg(test)]
mod tests {
    use super::take;

    fn taken(words: &[&str]) -> Result<(Option<String>, Vec<String>), u8> {
        take(words.iter().map(|word| (*word).to_owned())).map_err(|failure| failure.code)
    }

    #[test]
    fn base_url_flag_is_accepted_at_any_position() {
        let url = Some("http://localhost:1/v1".to_owned());
        let words = vec!["call".to_owned(), "x".to_owned()];
        for given in [
            &["--base-url", "http://localhost:1/v1", "call", "x"][..],
            &["call", "--base-url", "http://localhost:1/v1", "x"],
            &["call", "x", "--base-url=http://localhost:1/v1"],
        ] {
            assert_eq!(taken(given), Ok((url.clone(), words.clone())), "{given:?}");
        }
        assert_eq!(taken(&["call", "x"]), Ok((None, words)));
        assert_eq!(taken(&["--base-urls"]), Ok((None, vec!["--base-urls".to_owned()])));
    }

    #[test]
    fn invalid_base_url_is_a_usage_error() {
        for wrong in [
            &["--base-url"][..],
            &["--base-url="],
            &["--base-url", "call"],
            &["--base-url", "ftp://x"],
            &["--base-url", "https://me:pw@example.com"],
            &["--base-url", "https://a.example.com", "--base-url", "https://b.example.com"],
        ] {
            assert_eq!(taken(wrong), Err(2), "{wrong:?}");
        }
    }
}
