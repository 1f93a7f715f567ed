//! `[timeout]` and `[retry]`: the limits of connector.toml are in the generated connector.

use crate::generating::{connector_row, generated, shop_document};

const DOCUMENT: &str = shop_document!(
    "\
paths:
  /books: { get: { operationId: listBooks, responses: { '204': { description: Done. } } } }
"
);

/// Returns the table entry of the connector, or the error.
fn row(choices: &str) -> Result<String, String> {
    let generated = generated(DOCUMENT, choices).map_err(|error| error.to_string())?;
    Ok(connector_row(&generated))
}

#[test]
fn time_limits_and_retries_are_in_the_generated_connector() {
    let plain = row("").unwrap();
    assert!(!plain.contains("TimeLimits") && !plain.contains("RetryLimits"), "{plain}");
    let choices = "[timeout]\nconnect = 5\nfirst_byte = 20\nbetween_bytes = 10\ntotal = 40\ntransfer = 7200\n[retry]\nattempts = 2\nbreaker = 'off'";
    let chosen = row(choices).unwrap();
    let without_space: String = chosen.split_whitespace().collect();
    for expected in [
        ".timeouts(TimeLimits::new().connect(5).first_byte(20).between_bytes(10).total(40).transfer(7200)",
        ".retry(RetryLimits::new().attempts(2).breaker(0))",
    ] {
        assert!(without_space.contains(expected), "{chosen}");
    }
    assert!(row("[retry]\nattempts = 'off'").unwrap().contains("attempts(1)"));
}

#[test]
fn error_about_an_invalid_time_limit_names_the_place_and_the_remedy() {
    for (choices, expected) in [
        (
            "[timeout]\nconect = 5",
            &["connector.toml:3:1", "there is no key `conect` in [timeout]", "did you mean `connect`?"][..],
        ),
        ("[timeout]\ntotal = 0", &["`total` in [timeout] cannot be 0", "from 1 to 600 seconds"]),
        (
            "[timeout]\ntransfer = 86401",
            &["`transfer` in [timeout] cannot be 86401", "from 1 to 86400 seconds"],
        ),
        ("[timeout]\ntotal = 1.5", &["`total` in [timeout] is not an integer"]),
        (
            "[timeout]\ntotal = 5\nconnect = 6",
            &["connector.toml:4:11", "`connect`", "longer than `total`, the limit of the whole call"],
        ),
        ("[retry]\nattempts = 11", &["`attempts` in [retry] cannot be 11", "from 1 to 10, or \"off\""]),
        ("[retry]\nattempts = 'on'", &["`attempts` in [retry] is not an integer"]),
        ("[retry]\nbudget = 3", &["there is no key `budget` in [retry]", "`attempts`, `breaker`"]),
    ] {
        let problem = row(choices).unwrap_err();
        for words in expected {
            assert!(problem.contains(words), "{choices}: no {words:?} in\n{problem}");
        }
    }
}
