//! What `--help` says.

use std::fmt::Write as _;

use jackfield_recipe::BYTES;

use crate::auth::LocalSource;
use crate::environment::{Environment, variable};
use crate::server;

pub(super) fn help(local: &LocalSource, called: &str, environment: &Environment) -> String {
    let connector = local.connector();
    let name = connector.name;
    let base = variable(name, "BASE_URL");
    let log = variable(name, "LOG");
    let server = connector.servers.first().map_or_else(
        || "required: the document names no server".to_owned(),
        |server| match server.description {
            "" => server.url.to_owned(),
            description => format!("{}, {description}", server.url),
        },
    );
    let mut variables = vec![
        (base, format!("where requests go ({server})")),
        (log, "what is logged to stderr: error, warn, info, debug (warn)".to_owned()),
    ];
    variables.splice(1..1, server::variables(connector));
    if connector.tools().any(|tool| tool.input.contains(BYTES)) {
        let meaning = "folders whose files tools may send, written like a PATH (none)";
        variables.push((variable(name, "FILES"), meaning.to_owned()));
        let meaning = "how many bytes such a file may have (16777216)";
        variables.push((variable(name, "FILES_LIMIT"), meaning.to_owned()));
    }
    variables.extend(local.variables());
    if !connector.schemes.is_empty() {
        let origins = "other origins that credentials may go to, with spaces between them (none)";
        variables.push((variable(name, "ORIGINS"), origins.to_owned()));
    }
    variables.push((variable(name, "MAX_CALLS"), "how many calls may be in flight at once (64)".to_owned()));
    let meaning = "how many bytes these calls may hold together (268435456)";
    variables.push((variable(name, "MAX_BYTES"), meaning.to_owned()));
    let authorities = "a file of certificates, in PEM, that are trusted beside the machine's (none)";
    variables.push((variable(name, "CA_FILE"), authorities.to_owned()));
    let width = variables.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let title = if connector.title.is_empty() { name } else { connector.title };
    let mut usages = vec![
        ("", "serve until the client closes the input"),
        (
            "serve --http ADDR",
            "serve at /mcp of that loopback address or unix:///PATH, to clients with a token",
        ),
        ("  --http-token-file PATH", "the token is in that file, or put there (made at each start)"),
        ("  --http-auth none", "without a token: for tests, at loopback alone"),
        ("tools [--json]", "list the tools"),
        ("call NAME JSON [--dry-run]", "call one; --dry-run prints the request, and sends nothing"),
    ];
    if !connector.schemes.is_empty() {
        usages.extend([
            ("auth status [--json]", "what each way to authenticate needs, and what is there"),
            (
                "auth set [SCHEME [TEXT]] [--origin URL]",
                "put a credential into the vault; it is asked for, or read from stdin",
            ),
            ("auth login [SCHEME] [--device]", "ask for consent in a browser, or on another device"),
            ("auth logout [SCHEME]", "give tokens back, and forget what the vault has"),
            ("auth rotate-key [--to KIND]", "seal the vault with a new key: keyring, passphrase or file"),
        ]);
    }
    usages.push(("doctor [TOOL]", "check name, connection, address and credential, and say what to mend"));
    usages.push((
        "COMMAND --base-url URL",
        "any of these, with requests to that address; as the variable _BASE_URL",
    ));
    let column = usages.iter().map(|(words, _)| words.len()).max().unwrap_or(0);
    let mut text = format!("{title}, served to MCP clients\n\nUsage:\n");
    for (words, meaning) in usages {
        let _ = writeln!(text, "  {called} {words:column$}   {meaning}");
    }
    text.push_str("\nVariables:\n");
    for (name, meaning) in variables {
        let set = if environment.get(&name).is_some() { ", set" } else { "" };
        let _ = writeln!(text, "  {name:width$}  {meaning}{set}");
    }
    if !connector.schemes.is_empty() {
        text.push_str(
            "\nA credential may be in a file instead, which its variable with _FILE behind it names, or in the vault, which\n\
             JACKFIELD_VAULT, JACKFIELD_VAULT_PASSPHRASE and JACKFIELD_VAULT_KEY_FILE are about.\n",
        );
    }
    text
}
