//! Parses certificates in PEM, and refuses anything else, because the file becomes part of the generated
//! code.

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Returns the certificates in a PEM text, without the text between them.
///
/// # Errors
/// Returns the problem as a clause that follows the name of the file.
pub(super) fn certificates(text: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(DASHES)) else {
            continue;
        };
        match label {
            "CERTIFICATE" => {}
            key if key.ends_with("PRIVATE KEY") => {
                return Err(
                    "contains a private key, which would become part of the connector's code".to_owned()
                );
            }
            other => return Err(format!("contains {other:?} besides certificates")),
        }
        let end = format!("{END}{label}{DASHES}");
        let mut whole = format!("{line}\n");
        let mut body = 0;
        loop {
            match lines.next() {
                None => return Err("contains a certificate without an END line".to_owned()),
                Some(line) if line == end => break,
                // The base64 of a DER sequence of this size begins with `MI`, so any other text is malformed.
                Some(line) if is_base64(line) && (body > 0 || line.starts_with("MI")) => {
                    whole.push_str(line);
                    whole.push('\n');
                    body += line.len();
                }
                Some(_) => return Err("contains a malformed certificate".to_owned()),
            }
        }
        if body == 0 {
            return Err("contains an empty certificate".to_owned());
        }
        found.push(format!("{whole}{end}\n"));
    }
    if found.is_empty() { Err("contains no certificate".to_owned()) } else { Ok(found) }
}

fn is_base64(line: &str) -> bool {
    let data = line.trim_end_matches('=');
    line.len() - data.len() <= 2
        && !data.is_empty()
        && data.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmg\nAwIBAgIUQQ==\n-----END CERTIFICATE-----\n";

    #[test]
    fn text_outside_the_certificates_of_a_pem_file_is_dropped() {
        assert_eq!(certificates(ONE).unwrap(), [ONE]);
        let two = format!("subject=Root\r\n{}\n\n# another\n{ONE}", ONE.replace('\n', "\r\n"));
        assert_eq!(certificates(&two).unwrap(), [ONE, ONE]);
    }

    #[test]
    fn pem_file_with_a_key_or_a_malformed_certificate_is_refused() {
        let key = ONE.replace("CERTIFICATE", "EC PRIVATE KEY");
        for (text, told) in [
            (String::new(), "no certificate"),
            (format!("{ONE}{key}"), "private key"),
            (ONE.replace("CERTIFICATE", "PUBLIC KEY"), "\"PUBLIC KEY\""),
            (ONE.replace("-----END CERTIFICATE-----\n", ""), "without an END line"),
            (ONE.replace("MIIB", "<htm"), "malformed"),
            (ONE.replace("MIIB", "AAAA"), "malformed"),
            (ONE.replace("MIIBszCCAVmg\nAwIBAgIUQQ==\n", ""), "empty"),
        ] {
            let problem = certificates(&text).unwrap_err();
            assert!(problem.contains(told), "{text}: {problem}");
        }
    }
}
