//! Tools that are accepted one by one, while other tools stay withheld.

use jackfield_build::{CrateFolder, LOCK_FILE};

use super::desk::{Desk, tools, withheld};
use super::rows::CHANGED;

/// Accepts the tools that the selectors match. Returns the number of tools that stay withheld, or the error.
fn accept(desk: &Desk, selectors: &[&str], origins: &[&str]) -> Result<usize, String> {
    let connector = CrateFolder::open(&desk.path("")).unwrap().lock_only();
    let connector = connector.accepting(origins.iter().map(|&origin| origin.to_owned()));
    let selectors: Vec<String> = selectors.iter().map(|&selector| selector.to_owned()).collect();
    let acceptance = connector.acceptance(&selectors).map_err(|error| error.to_string())?;
    connector.accept(&acceptance).unwrap();
    Ok(acceptance.left)
}

/// Returns a folder in which the descriptions of two tools, an effect and a new tool are not accepted.
fn changed() -> Desk {
    let desk = Desk::new();
    desk.change("desk.yaml", "summary: Lists incidents.", "summary: Lists all incidents.");
    desk.change("desk.yaml", "description: One line.", "description: One line with the token.");
    desk.change(
        "connector.toml",
        "[ask]\ndelete_incident = \"always\"",
        "[ask]\ndelete_incident = \"never\"",
    );
    desk.change(
        "desk.yaml",
        "  /status:\n",
        "  /health:\n    get: { operationId: getHealth, security: [], responses: { '204': { description: Done. } } }\n  /status:\n",
    );
    desk
}

const ALL: [&str; 4] = [
    "create_incident: CHANGED",
    "delete_incident: its approval has changed from `always` to `never`",
    "get_health: it is new",
    "list_incidents: CHANGED",
];

fn expect(desk: &Desk, lines: &[&str]) {
    let lines: Vec<String> = lines.iter().map(|line| line.replace("CHANGED", CHANGED)).collect();
    assert_eq!(withheld(&desk.served()), lines);
}

#[test]
fn only_the_selected_tools_are_accepted() {
    let desk = changed();
    expect(&desk, &ALL);
    let before = desk.read(LOCK_FILE);
    for (selector, left) in
        [("list_incidents", &ALL[..3]), ("GET /health", &ALL[..2]), ("deleteIncident", &ALL[..1])]
    {
        assert_eq!(accept(&desk, &[selector], &[]), Ok(left.len()), "{selector}");
        expect(&desk, left);
    }
    assert!(!tools(&desk.served()).contains(&"create_incident".to_owned()));
    // The line of the tool that stays withheld has not changed.
    let line = before.lines().find(|line| line.starts_with("tool create_incident ")).unwrap();
    assert!(desk.read(LOCK_FILE).lines().any(|own| own == line));
    // Accepting the tools one by one results in the lock that accepts everything.
    assert_eq!(accept(&desk, &["create_incident"], &[]), Ok(0));
    let one_by_one = desk.read(LOCK_FILE);
    desk.accept(&[]);
    assert_eq!(desk.read(LOCK_FILE), one_by_one);
}

#[test]
fn selector_that_matches_several_tools_accepts_only_the_withheld_tools() {
    let desk = changed();
    assert_eq!(accept(&desk, &["tag:incidents"], &[]), Ok(1));
    expect(&desk, &ALL[2..3]);
}

#[test]
fn error_about_accepting_a_tool_that_is_not_withheld_lists_the_withheld_tools() {
    let desk = changed();
    let before = desk.read(LOCK_FILE);
    for (selector, parts) in [
        ("get_status", &["`get_status` matches no tool that is withheld", "`get_health`"][..]),
        ("get_helth", &["`get_helth` matches no tool", "did you mean `get_health`?"]),
        ("tag:", &["selects nothing"]),
    ] {
        let error = accept(&desk, &["list_incidents", selector], &[]).unwrap_err();
        for part in parts {
            assert!(error.contains(part), "{selector}: {error}");
        }
        assert_eq!(desk.read(LOCK_FILE), before, "{selector}");
    }
    let error = accept(&Desk::new(), &["get_status"], &[]).unwrap_err();
    assert!(error.contains("no tool is withheld"), "{error}");
}

#[test]
fn tool_is_not_accepted_alone_if_its_change_concerns_other_tools() {
    for (file, from, to, tool, because) in [
        (
            "desk.yaml",
            "name: X-Key",
            "name: X-Other",
            "start_export",
            "the security scheme `key` has changed",
        ),
        ("desk.yaml", "example.com/v1", "example.com/v2", "list_incidents", "the servers have changed"),
        (
            "connector.toml",
            "[jobs",
            "headers = { x-a = \"b\" }\n[jobs",
            "get_status",
            "the headers or certificate",
        ),
    ] {
        let desk = Desk::new();
        desk.change(file, from, to);
        let before = desk.read(LOCK_FILE);
        let error = accept(&desk, &[tool], &[]).unwrap_err();
        assert!(error.contains(&format!("`{tool}` cannot be accepted alone, because {because}")), "{error}");
        assert!(
            error.contains("jackfield gen --lock-only --out ") && error.contains("accepts everything"),
            "{error}"
        );
        assert_eq!(desk.read(LOCK_FILE), before);
    }
    // The tool that reads the status of this job is withheld.
    let desk = Desk::new();
    let from = "operationId: getExport\n";
    desk.change("desk.yaml", from, &format!("{from}      description: Poisoned.\n"));
    expect(
        &desk,
        &[
            "get_export: CHANGED",
            "start_export: `get_export`, which reads the status of its job, is withheld",
        ],
    );
    let error = accept(&desk, &["start_export"], &[]).unwrap_err();
    assert!(error.contains("`get_export`, which reads the status of its job, is withheld"), "{error}");
    assert_eq!(accept(&desk, &["get_export"], &[]), Ok(0));
}

#[test]
fn added_origin_is_accepted_only_with_the_accept_origin_flag() {
    let desk = Desk::new();
    desk.change("desk.yaml", "https://status.example.com", "https://new.example.net");
    desk.change("desk.yaml", "summary: Lists incidents.", "summary: Lists all incidents.");
    // A user can accept this tool although another tool has a new origin. The new origin is not accepted with it.
    assert_eq!(accept(&desk, &["list_incidents"], &[]), Ok(1));
    assert!(!desk.read(LOCK_FILE).contains("new.example.net"));
    let error = accept(&desk, &["get_status"], &[]).unwrap_err();
    assert!(error.contains("add --accept-origin https://new.example.net"), "{error}");
    assert_eq!(accept(&desk, &["get_status"], &["https://new.example.net"]), Ok(0));
    expect(&desk, &[]);
}

#[test]
fn accepted_origin_gets_another_credential_only_with_the_accept_origin_flag() {
    let desk = Desk::new();
    let origin = "https://new.example.net";
    desk.change("desk.yaml", "https://status.example.com", origin);
    assert_eq!(accept(&desk, &["get_status"], &[origin]), Ok(0));
    let status = "operationId: getStatus\n      tags: [files]\n      security: []";
    desk.change("desk.yaml", status, &status.replace("[]", "[{ key: [] }]"));
    desk.change("desk.yaml", "summary: Lists incidents.", "summary: Lists all incidents.");
    let scheme = |desk: &Desk| {
        let lock = desk.read(LOCK_FILE);
        lock.lines().find(|line| line.starts_with("scheme key ")).unwrap().to_owned()
    };
    // The scheme did not reach the origin when the user accepted the scheme.
    let line = scheme(&desk);
    desk.change(LOCK_FILE, &line, &line.replace(&format!(" to={origin}"), ""));
    let before = desk.read(LOCK_FILE);
    for tool in ["list_incidents", "get_status"] {
        let error = accept(&desk, &[tool], &[]).unwrap_err();
        assert!(error.contains(&format!("{origin} (the credential of `key`)")), "{error}");
        assert!(error.contains(&format!("add --accept-origin {origin}")), "{error}");
        assert_eq!(desk.read(LOCK_FILE), before);
    }
    assert_eq!(accept(&desk, &["list_incidents"], &[origin]), Ok(1));
    assert!(scheme(&desk).contains(&format!(" to={origin}")));
}

#[test]
fn merged_tool_is_accepted_with_its_operations() {
    let desk = Desk::new();
    desk.change(
        "connector.toml",
        "[ask]",
        "[merge.incidents]\noperations = { list = 'listIncidents', create = 'createIncident' }\n\n[ask]",
    );
    desk.change("connector.toml", "\"always\"", "\"never\"");
    let error = accept(&desk, &["get_status"], &[]).unwrap_err();
    assert!(error.contains("name a withheld tool: `delete_incident`, `incidents`"), "{error}");
    assert_eq!(accept(&desk, &["incidents"], &[]), Ok(1));
    expect(&desk, &["delete_incident: its approval has changed from `always` to `never`"]);
    assert_eq!(desk.served().modelled.connector.merges.len(), 1);
}
