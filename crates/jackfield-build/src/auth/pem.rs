//! Certificates in a file: PEM, and nothing beside them that has to stay at home.

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The certificates of a text, each by itself, without what stands between them.
///
/// # Errors
/// The problem, as words that follow the name of the file.
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
                    "holds a private key, which would be put into the code of the connector".to_owned()
                );
            }
            other => return Err(format!("holds {other:?}, and not only certificates")),
        }
        let end = format!("{END}{label}{DASHES}");
        let mut whole = format!("{line}\n");
        let mut body = 0;
        loop {
            match lines.next() {
                None => return Err("holds a certificate that does not end".to_owned()),
                Some(line) if line == end => break,
                // A certificate is a sequence, and this is how every long one begins.
                Some(line) if is_base64(line) && (body > 0 || line.starts_with("MI")) => {
                    whole.push_str(line);
                    whole.push('\n');
                    body += line.len();
                }
                Some(_) => return Err("holds a certificate that is not one".to_owned()),
            }
        }
        if body == 0 {
            return Err("holds a certificate that is empty".to_owned());
        }
        found.push(format!("{whole}{end}\n"));
    }
    if found.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(found) }
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
    fn certificates_stand_alone() {
        assert_eq!(certificates(ONE).unwrap(), [ONE]);
        let two = format!("subject=Root\r\n{}\n\n# another\n{ONE}", ONE.replace('\n', "\r\n"));
        assert_eq!(certificates(&two).unwrap(), [ONE, ONE]);
    }

    #[test]
    fn anything_else_is_told() {
        let key = ONE.replace("CERTIFICATE", "EC PRIVATE KEY");
        for (text, told) in [
            (String::new(), "no certificate"),
            (format!("{ONE}{key}"), "private key"),
            (ONE.replace("CERTIFICATE", "PUBLIC KEY"), "\"PUBLIC KEY\""),
            (ONE.replace("-----END CERTIFICATE-----\n", ""), "does not end"),
            (ONE.replace("MIIB", "<htm"), "not one"),
            (ONE.replace("MIIB", "AAAA"), "not one"),
            (ONE.replace("MIIBszCCAVmg\nAwIBAgIUQQ==\n", ""), "empty"),
        ] {
            let problem = certificates(&text).unwrap_err();
            assert!(problem.contains(told), "{text}: {problem}");
        }
    }
}
