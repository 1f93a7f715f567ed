//! A rule: its principals, and the targets that they may see and call.

use std::fmt;

use jackfield_recipe::Effect;
use serde_json::{Map, Value};

use super::condition::Condition;
use super::patterns::Patterns;
use super::principals::PrincipalPattern;
use super::when::{When, WhenCall};
use crate::common::caller::{Caller, Principal};
use crate::engine::request::{Target, TargetKind};

/// A rule. Rules are additive: a target is allowed if any rule allows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    /// The name of the rule, for messages.
    pub(super) name: String,
    pub(super) principals: Vec<PrincipalPattern>,
    /// The claims that the caller's access token has to contain. All of them are required.
    pub(super) claims: Vec<(String, String)>,
    /// The targets that the rule allows. `None` if the rule only lets principals approve calls.
    pub(super) targets: Option<Targets>,
    pub(super) may_approve: bool,
    pub(super) may_approve_own: bool,
    /// The byte offset of the rule in the file.
    pub(super) offset: usize,
}

/// A condition that does not hold for a call.
pub(super) enum Broken<'r> {
    Condition(&'r Condition),
    /// The condition in CEL, with the reason why it does not hold.
    When(String),
}

impl fmt::Display for Broken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition(condition) => condition.fmt(f),
            Self::When(why) => f.write_str(why),
        }
    }
}

/// The targets of a rule. A rule without tools, tags, resources and prompts allows all targets up to its strongest
/// effect.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Targets {
    /// The strongest effect of a target that the rule allows.
    pub(super) effect: Effect,
    pub(super) tools: Option<Patterns>,
    pub(super) tags: Option<Patterns>,
    pub(super) resources: Option<Patterns>,
    pub(super) prompts: Option<Patterns>,
    /// The conditions on arguments. All of them have to hold.
    pub(super) conditions: Vec<Condition>,
    /// A condition in CEL, which has to hold in addition to `conditions`.
    pub(super) when: Option<When>,
    /// The scopes that the caller's token has to contain. All of them are required.
    pub(super) scopes: Vec<String>,
}

impl Rule {
    pub(super) fn is_for(&self, principal: &Principal, claims: &[(String, String)]) -> bool {
        self.principals.iter().any(|pattern| pattern.fits(principal))
            && self.claims.iter().all(|claim| claims.contains(claim))
    }

    /// Whether the rule allows a target, apart from scopes and arguments. `tag` is the tag of a generated tool.
    pub(super) fn covers(&self, target: Target<'_>, tag: Option<&str>) -> bool {
        self.targets.as_ref().is_some_and(|targets| targets.cover(target, tag))
    }

    pub(super) fn scopes(&self) -> &[String] {
        self.targets.as_ref().map_or(&[], |targets| &targets.scopes)
    }

    fn conditions(&self) -> &[Condition] {
        self.targets.as_ref().map_or(&[], |targets| &targets.conditions)
    }

    fn when(&self) -> Option<&When> {
        self.targets.as_ref().and_then(|targets| targets.when.as_ref())
    }

    /// Whether the rule depends on the arguments of a call.
    pub(super) fn has_conditions(&self) -> bool {
        !self.conditions().is_empty() || self.when().is_some()
    }

    /// Describes the conditions in words.
    pub(crate) fn described_conditions(&self) -> String {
        let conditions = self.conditions().iter().map(ToString::to_string);
        conditions.chain(self.when().map(ToString::to_string)).collect::<Vec<_>>().join(", and ")
    }

    /// Returns the first condition that does not hold.
    pub(super) fn broken(
        &self,
        caller: &Caller,
        target: Target<'_>,
        arguments: &Map<String, Value>,
    ) -> Option<Broken<'_>> {
        let condition = self.conditions().iter().find(|condition| !condition.holds(arguments));
        let of_when = || self.when()?.broken(WhenCall { caller, target, arguments }).map(Broken::When);
        condition.map(Broken::Condition).or_else(of_when)
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
                        && self.when.is_none()
                        && match &self.resources {
                            Some(resources) => resources.fits_uri(target.name),
                            None => !names_any,
                        }
                }
                // A completion has no decision of its own: the executor asks for the decision about its prompt or resource template.
                TargetKind::Completion => false,
            }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
