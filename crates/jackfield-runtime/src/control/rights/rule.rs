//! A rule: principals, and the targets that they may see and call.

use std::fmt;

use jackfield_recipe::Effect;
use serde_json::{Map, Value};

use super::condition::Condition;
use super::patterns::Patterns;
use super::principals::PrincipalPattern;
use crate::common::caller::Principal;
use crate::engine::request::{Target, TargetKind};

/// A rule. Rules add up: a target is allowed if any rule allows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    /// The name for messages.
    pub(super) name: String,
    pub(super) principals: Vec<PrincipalPattern>,
    /// The claims that the access token of a principal needs. It needs all of them.
    pub(super) claims: Vec<(String, String)>,
    /// The targets that the rule allows. `None` if the rule only gives rights of approval.
    pub(super) targets: Option<Targets>,
    pub(super) may_approve: bool,
    pub(super) may_approve_own: bool,
    /// The byte offset of the rule in the file.
    pub(super) offset: usize,
}

/// The targets of a rule. A rule without tools, tags, resources and prompts applies to all targets up to its
/// effect.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Targets {
    /// The strongest effect that the rule allows.
    pub(super) effect: Effect,
    pub(super) tools: Option<Patterns>,
    pub(super) tags: Option<Patterns>,
    pub(super) resources: Option<Patterns>,
    pub(super) prompts: Option<Patterns>,
    /// The conditions on arguments. All of them have to hold.
    pub(super) conditions: Vec<Condition>,
    /// The scopes that the caller's token needs. It needs all of them.
    pub(super) scopes: Vec<String>,
}

impl Rule {
    pub(super) fn is_for(&self, principal: &Principal, claims: &[(String, String)]) -> bool {
        self.principals.iter().any(|pattern| pattern.fits(principal))
            && self.claims.iter().all(|claim| claims.contains(claim))
    }

    /// Whether the rule allows a target, apart from scopes and arguments. `tag` is the tag of a generated
    /// tool.
    pub(super) fn covers(&self, target: Target<'_>, tag: Option<&str>) -> bool {
        self.targets.as_ref().is_some_and(|targets| targets.cover(target, tag))
    }

    pub(super) fn scopes(&self) -> &[String] {
        self.targets.as_ref().map_or(&[], |targets| &targets.scopes)
    }

    pub(super) fn conditions(&self) -> &[Condition] {
        self.targets.as_ref().map_or(&[], |targets| &targets.conditions)
    }

    /// The conditions in words.
    pub(crate) fn described_conditions(&self) -> String {
        let conditions: Vec<String> = self.conditions().iter().map(ToString::to_string).collect();
        conditions.join(", and ")
    }

    /// The first condition that does not hold.
    pub(super) fn broken(&self, arguments: &Map<String, Value>) -> Option<&Condition> {
        self.conditions().iter().find(|condition| !condition.holds(arguments))
    }
}

impl Targets {
    fn cover(&self, target: Target<'_>, tag: Option<&str>) -> bool {
        let names_tools = self.tools.is_some() || self.tags.is_some();
        let names_any = names_tools || self.resources.is_some() || self.prompts.is_some();
        target.effect <= self.effect
            && match target.kind {
                TargetKind::Tool => {
                    let fits_tag = |tags: &Patterns| tag.is_some_and(|tag| tags.fits(tag));
                    (names_tools || !names_any)
                        && self.tools.as_ref().is_none_or(|tools| tools.fits(target.name))
                        && self.tags.as_ref().is_none_or(fits_tag)
                }
                TargetKind::Prompt => match &self.prompts {
                    Some(prompts) => prompts.fits(target.name),
                    None => !names_any,
                },
                // A resource has no arguments, so a condition on them cannot hold.
                TargetKind::Resource => {
                    self.conditions.is_empty()
                        && match &self.resources {
                            Some(resources) => resources.fits_uri(target.name),
                            None => !names_any,
                        }
                }
                // A completion is never decided by itself: the executor asks about its prompt or template.
                TargetKind::Completion => false,
            }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
