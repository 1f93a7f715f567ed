//! Prints an explanation as text or JSON.

use anstream::println;
use jackfield_build::model::{Ask, visible, visible_line};
use jackfield_build::{AppliedChoice, PlaceKey};
use jackfield_runtime::{Explanation, Piece};
use serde_json::{Value, json};

use super::facts::{Facts, Selected};
use crate::inspect::cut;
use crate::paint::{BOLD, DIM};

/// The maximum width of the columns for a part of the request and its source.
const PIECE: usize = 48;
const SOURCE: usize = 44;

const RIGHTS_OVER_STDIO: &str =
    "the local user may call every tool, unless the server has --read-only or rights for `local`";
const RIGHTS_OVER_HTTP: &str = "a rule of `rights` has to give the caller this effect; if there are no rules, every authenticated caller may call";

pub(super) fn text(facts: &Facts, explanation: &Explanation) {
    let Explanation { request, .. } = explanation;
    match &facts.merged {
        None => println!("{BOLD}{}{BOLD:#}: {}", facts.tool, visible_line(&facts.route)),
        Some(Selected { tool, because, line }) => {
            let line = line.as_deref().unwrap_or_default();
            println!(
                "{BOLD}{tool}{BOLD:#}: operation {BOLD}{}{BOLD:#}, {}",
                facts.tool,
                visible_line(&facts.route)
            );
            println!("  chosen because {}  {DIM}{line}{DIM:#}", visible_line(because));
        }
    }
    head("Request", "nothing is sent; credentials are shown as <NAME>");
    visible(request.trim_end()).lines().for_each(|line| println!("  {line}"));
    head("Where each part of the request comes from", "");
    let rows: Vec<[String; 3]> = explanation.pieces.iter().map(|piece| row(facts, piece)).collect();
    let width =
        |at: usize, most: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0).min(most);
    let (first, second) = (width(0, PIECE), width(1, SOURCE));
    for [piece, source, line] in &rows {
        let text = format!("  {piece:first$}  {source:second$}  {line}");
        println!("{}", text.trim_end());
    }
    head("Credential", "");
    if explanation.credentials.is_empty() {
        println!("  none");
    }
    for used in &explanation.credentials {
        let set =
            if used.is_set { "set" } else { "not set in a variable; the vault is read when a call is sent" };
        let line = facts.scheme_line(&used.scheme).unwrap_or_default();
        println!(
            "  {} in {}, from {} ({set})  {DIM}{line}{DIM:#}",
            used.kind,
            used.place,
            used.sources.join(" and ")
        );
        if !used.scopes.is_empty() {
            let line = facts.line(&PlaceKey::Security).unwrap_or_default();
            println!("  scopes: {}  {DIM}{line}{DIM:#}", visible_line(&used.scopes.join(" ")));
        }
    }
    head("Origin", "");
    let reason = facts.origin_reason(&explanation.origin, explanation.base_variable.as_deref());
    println!("  {}: {}", visible_line(&explanation.origin), visible_line(&reason));
    if let Some(why) = &explanation.withheld {
        println!("  credentials are withheld: {}", visible_line(why));
    }
    head("Rights and approval", "");
    println!("  effect {}, because of {}", explanation.effect.as_str(), visible_line(&facts.because));
    println!(
        "  over stdio: {RIGHTS_OVER_STDIO}; the call {} {DIM}(--ask auto){DIM:#}",
        explanation.approval_over_stdio
    );
    println!(
        "  over HTTP: {RIGHTS_OVER_HTTP}; the call {} {DIM}(--ask destroy){DIM:#}",
        explanation.approval_over_http
    );
    if let Some(asks) = ask(facts.ask) {
        println!("  connector.toml sets `ask` to {asks} for this tool");
    }
    head("Limits and replies", "");
    println!("  rate: {}", facts.rate.as_deref().unwrap_or("no limit"));
    match explanation.attempts {
        0 | 1 => println!("  retry: {}", explanation.retry),
        attempts => println!("  retry: {}; at most {attempts} attempts", explanation.retry),
    }
    println!(
        "  replies: {}",
        if facts.replies.is_empty() { "no rules".to_owned() } else { facts.replies.join("; ") }
    );
    if let Some(seconds) = facts.time_limit {
        println!("  time limit: {seconds} s");
    }
    if !facts.choices.is_empty() {
        head("Lines of connector.toml about this tool", "");
        for AppliedChoice { table, key, line } in &facts.choices {
            println!("  [{table}] {}  {DIM}{line}{DIM:#}", visible_line(key));
        }
    }
    let notes = notes(facts, explanation);
    if !notes.is_empty() {
        head("Notes", "");
        notes.iter().for_each(|note| println!("  {}", visible_line(note)));
    }
}

fn head(title: &str, note: &str) {
    match note {
        "" => println!("\n{BOLD}{title}{BOLD:#}"),
        note => println!("\n{BOLD}{title}{BOLD:#} {DIM}({note}){DIM:#}"),
    }
}

fn notes(facts: &Facts, explanation: &Explanation) -> Vec<String> {
    let unset = facts.settings_without_value.iter();
    let unset = unset.map(|wire| format!("the setting `{wire}` has no value, so it is not sent"));
    explanation.notes.iter().cloned().chain(unset).collect()
}

/// Returns the three columns for a part of the request: its name and value, its source, and the line.
fn row(facts: &Facts, piece: &Piece) -> [String; 3] {
    let name = if piece.name.is_empty() { String::new() } else { format!("{} = ", piece.name) };
    let shown = format!("{:8} {name}{}", piece.part.as_str(), piece.value);
    let sources: Vec<(String, Option<String>)> =
        piece.from.iter().map(|from| facts.source(piece, from)).collect();
    let words: Vec<&str> = sources.iter().map(|(words, _)| words.as_str()).collect();
    let mut lines: Vec<&str> = sources.iter().filter_map(|(_, line)| line.as_deref()).collect();
    lines.dedup();
    [cut(&shown, PIECE), visible_line(&words.join(" and ")).into_owned(), lines.join(", ")]
}

const fn ask(ask: Ask) -> Option<&'static str> {
    match ask {
        Ask::Always => Some("always"),
        Ask::Never => Some("never"),
        Ask::ByEffect => None,
    }
}

/// Returns the full explanation as JSON, for programs.
pub(super) fn json(facts: &Facts, explanation: &Explanation) -> Value {
    let pieces = explanation.pieces.iter().map(|piece| {
        let from = piece.from.iter().map(|from| {
            let (words, line) = facts.source(piece, from);
            json!({ "source": words, "line": line })
        });
        json!({
            "part": piece.part.as_str(), "name": piece.name, "value": piece.value, "from": from.collect::<Vec<_>>(),
        })
    });
    let credentials = explanation.credentials.iter().map(|used| {
        json!({
            "scheme": used.scheme, "kind": used.kind, "place": used.place, "sources": used.sources,
            "set": used.is_set, "scopes": used.scopes, "line": facts.scheme_line(&used.scheme),
        })
    });
    let choices = facts.choices.iter();
    let choices =
        choices.map(|choice| json!({ "table": choice.table, "key": choice.key, "line": choice.line }));
    let merged = facts.merged.as_ref().map(|Selected { tool, because, line }| {
        json!({ "tool": tool, "operation": facts.tool, "because": because, "line": line })
    });
    json!({
        "tool": facts.tool, "merged": merged, "operationId": facts.operation_id, "route": facts.route,
        "request": explanation.request,
        "pieces": pieces.collect::<Vec<_>>(),
        "credentials": credentials.collect::<Vec<_>>(),
        "origin": {
            "url": explanation.origin,
            "because": facts.origin_reason(&explanation.origin, explanation.base_variable.as_deref()),
            "credentialsWithheld": explanation.withheld,
        },
        "effect": { "is": explanation.effect.as_str(), "because": facts.because },
        "ask": ask(facts.ask),
        "stdio": { "rights": RIGHTS_OVER_STDIO, "approval": explanation.approval_over_stdio },
        "http": { "rights": RIGHTS_OVER_HTTP, "approval": explanation.approval_over_http },
        "rate": facts.rate, "retry": explanation.retry, "attempts": explanation.attempts,
        "replies": facts.replies, "timeLimit": facts.time_limit,
        "choices": choices.collect::<Vec<_>>(),
        "notes": notes(facts, explanation),
    })
}
