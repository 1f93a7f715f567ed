//! Tests the rights: the file, the decisions, and a running server that follows the stored rights.

mod agreement;
mod decisions;
mod file;
mod random_policies;
mod stored_rights;

use std::sync::Arc;

use jackfield_recipe::Effect;
use serde_json::{Map, Value};

use super::compiled::CompiledRights;
use super::document::RightsDocument;
use crate::common::caller::{Caller, Channel, Principal};
use crate::engine::known_tool::KnownTool;
use crate::engine::policy::permit::Permission;
use crate::engine::request::{Target, TargetKind};

const TOOLS: [(&str, &str, Effect); 6] = [
    ("list_books", "books", Effect::Read),
    ("get_book", "books", Effect::Read),
    ("create_book", "books", Effect::Write),
    ("delete_book", "books", Effect::Destroy),
    ("list_orders", "orders", Effect::Read),
    ("create_order", "orders", Effect::Write),
];

fn tools() -> Arc<[KnownTool]> {
    let known = |(name, tag, effect): (&str, &str, Effect)| KnownTool {
        name: name.to_owned(),
        tag: Some(tag.to_owned()),
        effect,
        merged_into: None,
    };
    TOOLS.map(known).into()
}

fn rights(text: &str) -> CompiledRights {
    CompiledRights::new(RightsDocument::parse(text).unwrap(), &tools())
}

fn caller(principal: &str, scopes: &[&str]) -> Caller {
    let principal = Principal::parse(principal).unwrap();
    Caller::new(principal, Channel::Http)
        .with_scopes(scopes.iter().map(|scope| (*scope).to_owned()).collect())
}

fn tool(name: &str) -> Target<'_> {
    let effect =
        TOOLS.iter().find(|(known, ..)| *known == name).map_or(Effect::Destroy, |(.., effect)| *effect);
    Target { kind: TargetKind::Tool, name, effect }
}

/// Returns the names of the tools that a caller sees.
fn listed(rights: &CompiledRights, caller: &Caller) -> Vec<&'static str> {
    let is_listed = |name: &&str| rights.decide(caller, tool(name), None).is_listed();
    TOOLS.iter().map(|(name, ..)| *name).filter(is_listed).collect()
}

fn decided(rights: &CompiledRights, caller: &Caller, name: &str, arguments: Value) -> Permission {
    let arguments: Map<String, Value> = arguments.as_object().cloned().unwrap();
    rights.decide(caller, tool(name), Some(&arguments))
}
