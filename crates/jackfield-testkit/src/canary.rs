//! Credentials that are easy to find. They occur in no document and no source file, so a match in any output is a leak.

use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine as _};
use jackfield_model::percent_decode_lenient;

/// The prefix of every canary.
const SONG: &str = "canary-";

/// A base64 decoder that ignores trailing bits, because a base64 string in the output may be truncated anywhere.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Returns the canary with the given name. It is the same in every run, and so long that a part of it can be recognised.
pub fn canary(name: &str) -> String {
    let digest = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{SONG}{name}-{digest:016x}")
}

/// Replaces `{canary:NAME}` by the canary with that name, and `{base64:…}` by the base64 of its content.
pub fn with_canaries(text: &str) -> String {
    if let Some((before, rest)) = text.split_once("{base64:")
        && let Some((inner, after)) = rest.split_once("}}")
    {
        let encoded = LENIENT.encode(with_canaries(&format!("{inner}}}")));
        return format!("{}{encoded}{}", with_canaries(before), with_canaries(after));
    }
    let mut parts = text.split("{canary:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((name, rest)) => {
                out.push_str(&canary(name));
                out.push_str(rest);
            }
            None => out.push_str(part),
        }
    }
    out
}

/// Replaces canaries, in plain text or in base64, by `{canary:NAME}`, so that files of expected requests contain no secrets.
pub fn without_canaries(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(run) = runs(rest, is_base64).find(|run| decoded(run).is_some()) {
        let at = run.as_ptr() as usize - rest.as_ptr() as usize;
        out.push_str(&named(&rest[..at]));
        out.push_str(&format!("{{base64:{}}}", named(&decoded(run).unwrap_or_default())));
        rest = rest[at + run.len()..].trim_start_matches('=');
    }
    out + &named(rest)
}

fn named(text: &str) -> String {
    let mut parts = text.split(SONG);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end =
            part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(part.len());
        let known = (0..=end).rev().filter(|at| part.is_char_boundary(*at)).find_map(|at| {
            let name = part[..at].len().checked_sub(17).map(|length| &part[..length])?;
            (canary(name) == format!("{SONG}{}", &part[..at])).then_some((name, &part[at..]))
        });
        match known {
            Some((name, rest)) => out.push_str(&format!("{{canary:{name}}}{rest}")),
            None => out.push_str(&format!("{SONG}{part}")),
        }
    }
    out
}

/// Finds canaries in bytes: in plain text, upper case, percent-encoded, base64, hexadecimal or reversed. Returns the text around each
/// canary.
pub fn leaks(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    let backwards: String = text.chars().rev().collect();
    let unescaped = String::from_utf8_lossy(&percent_decode_lenient(&text)).into_owned();
    for spelling in [text.to_string(), backwards, unescaped] {
        let lower = spelling.to_ascii_lowercase();
        found.extend(lower.match_indices(SONG).map(|(at, _)| around(&lower, at)));
    }
    let encoded = runs(&text, is_base64).filter_map(decoded);
    found.extend(encoded.map(|text| format!("base64 of {text}")));
    let hex = runs(&text, |c| c.is_ascii_hexdigit()).filter_map(|run| {
        let digits: Vec<u32> = run.chars().filter_map(|c| c.to_digit(16)).collect();
        (0..2).find_map(|skip| {
            let bytes: Vec<u8> = digits[skip..]
                .chunks_exact(2)
                .filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok())
                .collect();
            sings(&bytes)
        })
    });
    found.extend(hex.map(|text| format!("hex of {text}")));
    found.sort();
    found.dedup();
    found
}

fn around(text: &str, at: usize) -> String {
    let from = (at.saturating_sub(60)..=at).find(|at| text.is_char_boundary(*at)).unwrap_or(at);
    let to = (at + 60..).find(|to| *to >= text.len() || text.is_char_boundary(*to)).unwrap_or(at);
    text[from..to.min(text.len())].to_owned()
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_')
}

/// Returns the longest runs of certain characters that are long enough to contain a canary.
fn runs(text: &str, belongs: impl Fn(char) -> bool + Copy) -> impl Iterator<Item = &str> {
    text.split(move |c: char| !belongs(c)).filter(|run| run.len() >= 12)
}

/// Decodes a run of base64, starting at each of its first four characters. Returns the text if it contains a canary.
fn decoded(run: &str) -> Option<String> {
    let plain = run.replace('-', "+").replace('_', "/");
    (0..4.min(plain.len())).find_map(|skip| {
        let piece = &plain[skip..];
        // A last group of only one character does not encode a byte.
        let piece = &piece[..piece.len() - usize::from(piece.len() % 4 == 1)];
        sings(&LENIENT.decode(piece).ok()?)
    })
}

fn sings(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    text.to_ascii_lowercase().contains(SONG).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use jackfield_model::hex_encode;

    #[test]
    fn canary_is_found_in_every_encoding() {
        let bird = canary("token");
        let hex = hex_encode(bird.as_bytes());
        let percent: String = bird.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let mut spellings = vec![
            bird.clone(),
            bird.to_uppercase(),
            bird.chars().rev().collect(),
            format!("0{hex}"),
            percent,
            hex,
        ];
        for before in ["", "a", "ab", "ada:"] {
            spellings.push(STANDARD.encode(format!("{before}{bird}")));
            spellings.push(URL_SAFE_NO_PAD.encode(format!("{before}{bird}:?>")));
            spellings.push(format!("x{}", STANDARD.encode(format!("{before}{bird}"))));
        }
        for spelling in spellings {
            assert!(
                !leaks(format!("a log line \"{spelling}\" of today").as_bytes()).is_empty(),
                "{spelling}"
            );
        }
        assert!(leaks(b"a canary in a coal mine; YWRhOnNlY3JldC0xc2VjcmV0LTE=").is_empty());
    }

    #[test]
    fn canaries_in_expected_requests_are_replaced() {
        let sent = with_canaries("k={canary:a-b}&l={canary:c}/1");
        assert!(!sent.contains('{'));
        assert_eq!(without_canaries(&sent), "k={canary:a-b}&l={canary:c}/1");
        let pair = STANDARD.encode(with_canaries("ada:{canary:c}"));
        let line = "Basic {base64:ada:{canary:c}}\n";
        assert_eq!(without_canaries(&format!("Basic {pair}\n")), line);
        assert_eq!(with_canaries(line), format!("Basic {pair}\n"));
    }
}
