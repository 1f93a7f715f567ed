//! Documents with one hazard each, and snapshots of the resulting models.

#![allow(clippy::unwrap_used, reason = "a failing test is a panic by design")]

use std::fmt::Write as _;
use std::fs;

use jackfield_model::{
    Code, ConnectorName, Defs, Diagnostic, Flow, Operation, Requirement, Server, Severity, ToolName,
    is_invisible,
};
use jackfield_openapi::{Choices, Document, Limits, Lowered, NoFiles, lower, read};
use jackfield_surface::{judge_effects, lean};

#[test]
fn lowered_documents_match_their_snapshots() {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::glob!("lower/*.yaml", |path| {
            let input = fs::read_to_string(path).unwrap();
            insta::assert_snapshot!(format!("{}\n\n=>\n\n{}", input.trim_end(), model_of(&input)));
        });
    });
}

fn model_of(input: &str) -> String {
    let document = match read("api.yaml", input.as_bytes(), &mut NoFiles, &Limits::default()) {
        Ok(document) => document,
        Err(finding) => return format!("refused: {finding}"),
    };
    let name = ConnectorName::new("api").unwrap();
    let mut lowered = lower(&document, &Choices::everything(name));
    judge_effects(&mut lowered.connector);
    assert!(lowered.count.is_whole(), "operations were lost: {:?}", lowered.count);
    render(&document, &lowered)
}

fn render(document: &Document, lowered: &Lowered) -> String {
    let connector = &lowered.connector;
    let mut out = String::new();
    for server in &connector.servers {
        let _ = writeln!(out, "server {}{}", server.address(), variables(server));
    }
    for scheme in &connector.schemes {
        let _ = writeln!(out, "scheme {}: {:?}", scheme.name, scheme.kind);
        for alias in &scheme.aliases {
            let _ = writeln!(out, "  also {alias}");
        }
        if !scheme.description.is_empty() {
            let _ = writeln!(out, "  described as {:?}", scheme.description);
        }
        scheme.flows.iter().for_each(|it| flow(it, &mut out));
        if let Some(metadata) = &scheme.metadata {
            let _ = writeln!(out, "  described at {metadata}");
        }
    }
    for group in &connector.groups {
        let _ = writeln!(out, "\n# {}", group.tag);
        group.operations.iter().for_each(|it| operation(it, &mut out));
    }
    pool("sent", &connector.pool.send, &mut out);
    pool("received", &connector.pool.receive, &mut out);
    for skip in &lowered.skips {
        let method = skip.method.as_ref().map_or_else(|| "all".to_owned(), ToString::to_string);
        let _ = writeln!(out, "\nskipped: {method} {}", skip.path);
        finding(document, &skip.reason, &mut out);
    }
    if !lowered.diagnostics.is_empty() {
        out.push('\n');
    }
    for diagnostic in &lowered.diagnostics {
        finding(document, diagnostic, &mut out);
    }
    out.chars().map(visible).collect()
}

/// Replaces invisible characters by escapes.
fn visible(c: char) -> String {
    if c == '\n' || c == '\'' || c == '"' || c == '\\' { c.to_string() } else { c.escape_debug().to_string() }
}

fn operation(operation: &Operation, out: &mut String) {
    let id = operation.id.as_ref().map_or("-", |id| id.as_str());
    let idempotent = if operation.idempotent { ", idempotent" } else { "" };
    let _ = writeln!(out, "\n{} ({id}; {:?}{idempotent})", operation.route(), operation.effect);
    let _ = writeln!(out, "  title: {}", operation.title);
    if !operation.description.is_empty() {
        let _ = writeln!(out, "  description: {:?}", operation.description);
    }
    if let Some(server) = &operation.server {
        let _ = writeln!(out, "  server: {}{}", server.address(), variables(server));
    }
    if !operation.security.is_empty() {
        let alternatives: Vec<String> = operation.security.iter().map(requirement).collect();
        let _ = writeln!(out, "  security: {}", alternatives.join(" | "));
    }
    for arg in &operation.args {
        let required = if arg.required { "" } else { "?" };
        let _ = writeln!(out, "  arg {}{required}: {}", arg.name, arg.schema.as_value());
    }
    for one in &operation.recipe {
        let _ = writeln!(out, "  {one}");
    }
    if let Some(body) = &operation.body {
        let required = if body.required { "" } else { ", optional" };
        let _ = writeln!(out, "  body: {}{required}", body.media_type);
    }
    for reply in operation.replies.iter().filter(|reply| reply.media_type.is_some()) {
        let schema = reply.schema.as_ref().map(|schema| schema.as_value().to_string()).unwrap_or_default();
        let media_type = reply.media_type.as_deref().unwrap_or_default();
        let _ = writeln!(out, "  reply {:?}: {media_type} {schema}", reply.status);
    }
}

/// Prints a flow, such as `AuthorizationCode: authorization https://…, token https://… (read write)`.
fn flow(flow: &Flow, out: &mut String) {
    let addresses = [
        ("authorization", &flow.authorization),
        ("device", &flow.device),
        ("token", &flow.token),
        ("refresh", &flow.refresh),
    ];
    let addresses = addresses.into_iter().filter_map(|(name, url)| Some(format!("{name} {}", url.as_ref()?)));
    let addresses: Vec<String> = addresses.collect();
    let _ = writeln!(out, "  {:?}: {} ({})", flow.kind, addresses.join(", "), flow.scopes.join(" "));
}

/// Returns the variables of a server with their defaults and allowed values.
fn variables(server: &Server) -> String {
    let shown = server.variables.iter().map(|variable| {
        let default = variable.default.as_deref().unwrap_or("no default");
        format!(" {}: {default} {:?}", variable.name, variable.allowed)
    });
    shown.collect()
}

fn requirement(requirement: &Requirement) -> String {
    let needs = requirement.needs.iter().map(|need| match need.scopes.as_slice() {
        [] => need.scheme.to_string(),
        scopes => format!("{}({})", need.scheme, scopes.join(" ")),
    });
    let needs: Vec<String> = needs.collect();
    if needs.is_empty() { "nothing".to_owned() } else { needs.join(" + ") }
}

fn pool(which: &str, defs: &Defs, out: &mut String) {
    if !defs.is_empty() {
        let _ = writeln!(out, "\nschemas, {which}");
    }
    for (name, schema) in defs {
        let _ = writeln!(out, "  {name}: {}", schema.as_value());
    }
}

fn finding(document: &Document, finding: &Diagnostic, out: &mut String) {
    let position = finding.place.as_ref().map(|place| {
        let position = document.source(&place.file).and_then(|source| source.locate(&place.pointer));
        position.map_or_else(|| place.to_string(), |it| format!("{}:{}", it.line, it.column))
    });
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let position = position.unwrap_or_else(|| "nowhere".to_owned());
    let _ = writeln!(out, "{severity}[{}] {position}: {}", finding.code, finding.problem);
    let _ = writeln!(out, "  so {}; {}", finding.consequence, finding.remedy);
}

#[test]
fn invisible_characters_are_reported_and_not_printed() {
    let input = fs::read_to_string("../../specs/schema_invisible_values.yaml").unwrap();
    let document = read("api.yaml", input.as_bytes(), &mut NoFiles, &Limits::default()).unwrap();
    let mut lowered = lower(&document, &Choices::everything(ConnectorName::new("api").unwrap()));
    let found: Vec<&Diagnostic> =
        lowered.diagnostics.iter().filter(|finding| finding.code == Code::InvisibleText).collect();
    let problems: Vec<&str> = found.iter().map(|finding| finding.problem.as_str()).collect();
    for named in ["`enum` has", "`default` has", "`examples` has", "the name of `shelf\\u{200e}`"] {
        assert!(problems.iter().any(|problem| problem.contains(named)), "{named}: {problems:?}");
    }
    assert!(problems.iter().all(|problem| !problem.chars().any(is_invisible)), "{problems:?}");
    assert_eq!(found.len(), 4, "{problems:?}");
    // A variable value that would make the server URL invalid is left out.
    let server = lowered.diagnostics.iter().find(|finding| finding.code == Code::MalformedServer).unwrap();
    assert!(server.problem.contains("`region`"), "{server}");
    let names = [ToolName::new("list_books").unwrap(), ToolName::new("add_book").unwrap()];
    for is_lean in [false, true] {
        if is_lean {
            lean(&mut lowered.connector, &names);
        }
        for operation in lowered.connector.operations() {
            let described = format!("{} {}", operation.title, operation.description);
            assert!(!described.chars().any(|c| is_invisible(c) && c != '\n'), "{described:?}");
            for arg in &operation.args {
                let said =
                    arg.schema.as_value().get("description").and_then(|it| it.as_str()).unwrap_or_default();
                assert!(!said.chars().any(is_invisible), "{said:?}");
            }
        }
    }
    let kind = lowered
        .connector
        .operations()
        .flat_map(|it| &it.args)
        .find(|arg| arg.name.as_str() == "kind")
        .unwrap();
    assert_eq!(kind.schema.as_value()["enum"][1], "audio\u{e0041}\u{202e}");
}
