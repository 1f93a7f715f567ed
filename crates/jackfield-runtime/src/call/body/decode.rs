//! Decodes the bytes in an argument. The argument is base64, a data URI, the URL of a file, or plain text.

use std::fmt;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::call::argument_bytes::ArgumentBytes;
use crate::call::files::{FileError, Files};
use jackfield_recipe::percent_decode;

/// Base64 with or without padding, because models write both.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// The media type of bytes if nothing else is known.
const ANYTHING: &str = "application/octet-stream";

/// Media types that do not say what the bytes contain.
const GENERIC: [&str; 2] = [ANYTHING, "text/plain"];

/// The reason why an argument cannot be sent as bytes, displayed as text that follows the argument's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BytesError {
    Base64(base64::DecodeError),
    /// A data URI without data.
    NoComma,
    /// The data in a data URI is not base64.
    DataUri(base64::DecodeError),
    /// The data in a data URI contains an invalid percent escape.
    Escape,
    /// The media type of a data URI is invalid.
    MediaType,
    /// The service does not accept the media type of the bytes.
    OtherType {
        own: String,
        taken: Vec<String>,
    },
    File(FileError),
}

impl fmt::Display for BytesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base64(error) => {
                let error = error.to_string();
                let error = error.trim_end_matches('.');
                write!(
                    f,
                    "is not base64 ({error}): give bytes in base64, or text as `data:text/plain,` followed by percent-encoded text"
                )
            }
            Self::NoComma => f.write_str("is a data URI without a comma before its data"),
            Self::DataUri(error) => write!(f, "is a data URI whose data is not base64: {error}"),
            Self::Escape => {
                f.write_str("is a data URI whose data has a `%` without two hexadecimal digits after it")
            }
            Self::MediaType => f.write_str("is a data URI with an invalid media type"),
            Self::OtherType { own, taken } => {
                write!(f, "is {own}, but the service accepts {}", taken.join(" or "))
            }
            Self::File(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BytesError {}

/// Decodes base64, a data URI, the URL of a file, or plain text.
pub(super) fn decode(text: &str, files: &Files) -> Result<ArgumentBytes, BytesError> {
    if let Some(path) = text.strip_prefix("file:") {
        return files.read(path).map_err(BytesError::File);
    }
    if let Some(rest) = text.strip_prefix("data:") {
        return data_uri(rest);
    }
    match base64(text) {
        Ok(bytes) => Ok(ArgumentBytes { bytes: bytes.into(), ..ArgumentBytes::default() }),
        // Models sometimes send plain text, such as a table or a few words.
        Err(_) if !is_broken_base64(text) => {
            Ok(ArgumentBytes { bytes: text.as_bytes().to_vec().into(), ..ArgumentBytes::default() })
        }
        Err(error) => Err(BytesError::Base64(error)),
    }
}

/// Whether an invalid text was meant as base64: it is long and has only base64 characters. If it were sent as plain text,
/// the service would store a broken file.
fn is_broken_base64(text: &str) -> bool {
    let meant = |b: u8| b.is_ascii_alphanumeric() || b"+/-_=".contains(&b) || b.is_ascii_whitespace();
    text.len() > 64 && !text.contains(' ') && text.bytes().all(meant)
}

/// Decodes `image/png;name=cover.png;base64,iVBORw…` or `text/plain,a%20text`.
fn data_uri(rest: &str) -> Result<ArgumentBytes, BytesError> {
    let Some((head, data)) = rest.split_once(',') else {
        return Err(BytesError::NoComma);
    };
    let (head, is_base64) =
        head.strip_suffix(";base64").map_or((head, false), |media_type| (media_type, true));
    let bytes = if is_base64 {
        base64(data).map_err(BytesError::DataUri)?
    } else {
        percent_decode(data).ok_or(BytesError::Escape)?
    };
    let mut words = head.split(';');
    let essence = words.next().unwrap_or_default().trim();
    let mut media_type = essence.to_owned();
    let mut file_name = None;
    for word in words {
        match word.trim().split_once('=') {
            Some(("name" | "filename", name)) => {
                file_name = percent_decode(name).and_then(|name| String::from_utf8(name).ok());
            }
            Some((key, value)) if is_token(key) && is_token(value) => {
                media_type.push_str(&format!("; {key}={value}"));
            }
            _ => return Err(BytesError::MediaType),
        }
    }
    if !essence.is_empty()
        && !essence.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
    {
        return Err(BytesError::MediaType);
    }
    Ok(ArgumentBytes { bytes: bytes.into(), media_type, file_name })
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
}

fn base64(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    let data: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(&data).or_else(|error| URL_SAFE.decode(&data).map_err(|_| error))
}

/// Whether two names mean the same media type. For example, many documents write `image/jpg` instead of `image/jpeg`.
fn same_type(one: &str, other: &str) -> bool {
    let usual = |name: &str| name.to_ascii_lowercase().replace("image/jpg", "image/jpeg");
    usual(one) == usual(other)
}

/// Chooses the media type to send: the media type of the bytes if the document allows it, otherwise the first in the document.
pub(super) fn choose_media_type(declared: &str, own: &str) -> Result<String, BytesError> {
    let essence = own.split(';').next().unwrap_or_default().trim();
    let choices: Vec<&str> = declared.split(',').map(str::trim).filter(|choice| !choice.is_empty()).collect();
    let fits = |choice: &&&str| {
        let choice = choice.split(';').next().unwrap_or_default().trim();
        match choice.strip_suffix('*') {
            Some("*/") => true,
            Some(range) => essence.len() > range.len() && essence[..range.len()].eq_ignore_ascii_case(range),
            None => same_type(choice, essence),
        }
    };
    let concrete = || choices.iter().find(|choice| !choice.contains('*'));
    // RFC 2046, 4.1.3: the media type of text in an unknown format.
    let untold =
        if choices.iter().all(|choice| choice.starts_with("text/")) { "text/plain" } else { ANYTHING };
    match (essence, choices.as_slice()) {
        ("", []) => Ok(ANYTHING.to_owned()),
        (_, []) => Ok(own.to_owned()),
        (_, _) if !essence.is_empty() && choices.iter().any(|choice| fits(&choice)) => Ok(own.to_owned()),
        // RFC 2046, 4.5.1: the media type of arbitrary bytes.
        _ if choices.contains(&ANYTHING) => Ok(ANYTHING.to_owned()),
        _ if essence.is_empty() || GENERIC.contains(&essence) => {
            Ok(concrete().map_or(untold, |choice| *choice).to_owned())
        }
        _ => Err(BytesError::OtherType {
            own: essence.to_owned(),
            taken: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_type_of_the_bytes_is_sent_if_the_document_allows_it() {
        for (declared, own, sent) in [
            ("", "", "application/octet-stream"),
            ("", "image/png", "image/png"),
            ("image/png", "", "image/png"),
            ("image/png, image/jpeg", "image/jpeg", "image/jpeg"),
            ("image/*", "image/webp", "image/webp"),
            ("image/*", "", "application/octet-stream"),
            ("text/*", "", "text/plain"),
            ("text/*", "text/csv", "text/csv"),
            ("*/*", "text/csv; charset=utf-8", "text/csv; charset=utf-8"),
            ("image/png", "application/octet-stream", "image/png"),
            ("application/octet-stream", "image/png", "application/octet-stream"),
            ("image/jpg", "image/jpeg", "image/jpeg"),
        ] {
            assert_eq!(choose_media_type(declared, own).as_deref(), Ok(sent), "{declared} {own}");
        }
        assert_eq!(
            choose_media_type("image/png, image/gif", "image/jpeg").map_err(|error| error.to_string()),
            Err("is image/jpeg, but the service accepts image/png or image/gif".to_owned())
        );
    }
}
