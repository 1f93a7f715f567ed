//! Runs the conformance suite, and reads its results.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::failure::Failure;
use crate::place;

/// A check that every scenario has. It tests only the wire format, and not the feature of the scenario.
const WIRE_CHECK: &str = "wire-schema-valid";

/// The installed suite.
pub(super) struct Suite {
    program: PathBuf,
    /// The package, with the scenarios of each revision.
    package: PathBuf,
}

/// The result of one scenario.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Score {
    pub(super) scenario: String,
    /// Whether the suite scores the scenario for this revision.
    pub(super) is_scored: bool,
    /// The reason why the scenario does not count as passed.
    pub(super) problem: Option<String>,
}

impl Suite {
    pub(super) fn new(rigs: &Path) -> Self {
        let home = std::env::var_os("JACKFIELD_RIGS").map_or_else(
            || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache/jackfield-rigs"),
            PathBuf::from,
        );
        let package = home.join("conformance/node_modules/@modelcontextprotocol/conformance");
        Self { program: rigs.join("conformance"), package }
    }

    /// Runs the scenarios of a revision against a server.
    pub(super) fn run(&self, url: &str, revision: &str, form: &str) -> Result<Vec<Score>, Failure> {
        let scored = self.scored(revision)?;
        let results = place::target().join("conformance").join(format!("{revision}-{form}"));
        if results.exists() {
            fs::remove_dir_all(&results).map_err(Failure::while_("removing old results"))?;
        }
        // The exit status only says whether everything passed. The result files contain the details.
        Command::new(&self.program)
            .args(["server", "--url", url, "--requirements", revision, "-o"])
            .arg(&results)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(Failure::while_("starting the suite"))?;
        let mut scores = Vec::new();
        for entry in fs::read_dir(&results).map_err(Failure::while_("reading the results"))? {
            let folder = entry.map_err(Failure::while_("reading the results"))?;
            let name = folder.file_name().to_string_lossy().into_owned();
            let Some(scenario) = scenario_of(&name) else { continue };
            let text = fs::read_to_string(folder.path().join("checks.json"));
            let text = text.map_err(Failure::while_("reading the results"))?;
            let checks: Vec<Value> =
                serde_json::from_str(&text).map_err(Failure::while_("reading the results"))?;
            let is_scored = scored.iter().any(|name| name == scenario);
            scores.push(Score { scenario: scenario.to_owned(), is_scored, problem: problem(&checks) });
        }
        for scenario in &scored {
            if !scores.iter().any(|score| score.scenario == *scenario) {
                let problem = Some("the scenario did not run".to_owned());
                scores.push(Score { scenario: scenario.clone(), is_scored: true, problem });
            }
        }
        scores.sort_by(|a, b| a.scenario.cmp(&b.scenario));
        Ok(scores)
    }

    /// Returns the scenarios that the suite scores for a revision.
    fn scored(&self, revision: &str) -> Result<Vec<String>, Failure> {
        let path = self.package.join("requirements").join(format!("{revision}.yaml"));
        let text = fs::read_to_string(&path).map_err(Failure::while_("reading the requirements"))?;
        Ok(server_scenarios(&text))
    }
}

/// Returns the list below `server:`. The file is so simple that no YAML parser is needed.
fn server_scenarios(text: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| *line != "server:").skip(1);
    let items = lines.map_while(|line| line.strip_prefix("  - "));
    items.map(|name| name.trim().to_owned()).collect()
}

/// Returns the name of the scenario from a folder name such as `server-tools-list-2026-11-29T15-33-54-674Z`.
fn scenario_of(folder: &str) -> Option<&str> {
    let name = folder.strip_prefix("server-")?;
    let (name, _time) = name.split_at_checked(name.len().checked_sub("-2026-11-29T15-33-54-674Z".len())?)?;
    Some(name)
}

/// Returns the reason why a scenario does not count as passed: a check failed or warned, or only the wire format was checked.
fn problem(checks: &[Value]) -> Option<String> {
    let status = |check: &Value| check["status"].as_str().unwrap_or_default().to_owned();
    let bad = |check: &&Value| matches!(status(check).as_str(), "FAILURE" | "WARNING");
    if let Some(check) = checks.iter().find(bad) {
        let text = check["errorMessage"].as_str().unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        return Some(format!("{}: {line}", check["id"].as_str().unwrap_or_default()));
    }
    let proves = |check: &Value| {
        status(check) == "SUCCESS" && check["id"] != WIRE_CHECK && check["details"]["untestable"] != true
    };
    (!checks.iter().any(proves)).then(|| "nothing was checked".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conformance_scenario_that_checks_only_the_wire_format_does_not_pass() {
        let wire = json!({ "id": WIRE_CHECK, "status": "SUCCESS" });
        let check = |status| json!({ "id": "x", "status": status, "errorMessage": "no\nreason" });
        assert_eq!(problem(&[check("SUCCESS"), wire.clone()]), None);
        assert_eq!(problem(std::slice::from_ref(&wire)).as_deref(), Some("nothing was checked"));
        assert_eq!(problem(&[check("SKIPPED"), wire.clone()]).as_deref(), Some("nothing was checked"));
        for status in ["FAILURE", "WARNING"] {
            assert_eq!(problem(&[check("SUCCESS"), check(status), wire.clone()]).as_deref(), Some("x: no"));
        }
        let untestable = json!({ "id": "x", "status": "SUCCESS", "details": { "untestable": true } });
        assert_eq!(problem(&[untestable, wire]).as_deref(), Some("nothing was checked"));
    }

    #[test]
    fn only_server_scenarios_are_counted() {
        let text = "# About\nserver:\n  - tools-list\n  - ping\n\nclient:\n  - initialize\n";
        assert_eq!(server_scenarios(text), ["tools-list", "ping"]);
        assert_eq!(server_scenarios("client:\n"), [] as [&str; 0]);
    }

    #[test]
    fn scenario_name_is_read_from_the_folder_name() {
        assert_eq!(scenario_of("server-tools-list-2026-11-29T15-33-54-674Z"), Some("tools-list"));
        assert_eq!(scenario_of("server-x"), None);
    }
}
