//! Tools that a service does not have, and those that it withholds because nobody has accepted them (ADR 0064).

use jackfield_recipe::{Effect, nearest};

use super::Service;
use crate::call::withheld_tool::WithheldTool;
use crate::common::caller::Caller;
use crate::engine::error::CallError;
use crate::engine::request::{SourceRequest, TargetKind};
use crate::engine::unknown::UnknownName;

impl Service {
    /// The tools that are withheld until the user who runs the service accepts them.
    pub fn withheld(&self) -> &[WithheldTool] {
        self.rows().withheld()
    }

    /// Whether there is no tool to serve, because all of them are withheld.
    #[cfg(feature = "http")]
    pub(crate) fn withholds_every_tool(&self) -> bool {
        !self.withheld().is_empty() && self.own_count() == 0
    }

    /// Why a tool with that name is missing and how it is accepted, for the user who runs the service.
    pub(super) fn advice_on_withheld(&self, name: &str) -> Option<String> {
        let tool = self.withheld().iter().find(|tool| tool.name == name)?;
        Some(format!("it is withheld, because {}: {}", tool.because, self.rows().remedy()))
    }

    /// The error for a call of a withheld tool, if the caller could call the tool once it is accepted. Every other caller gets the error
    /// for an unknown name.
    ///
    /// The error says neither what has changed, which is text that nobody has reviewed, nor how to accept it, because the model that
    /// reads the error might do so itself.
    pub(super) fn withheld_from(&self, name: &str, caller: &Caller) -> Option<CallError> {
        let tool = self.withheld().iter().find(|tool| tool.name == name)?;
        self.permits(caller, &tool.name, tool.effect).then(|| CallError::NotAccepted(tool.name.clone()))
    }

    /// The error for a request for a withheld tool.
    pub(super) fn withheld_target(&self, request: &SourceRequest, caller: &Caller) -> Option<CallError> {
        match request {
            SourceRequest::CallTool { name, .. } => self.withheld_from(name, caller),
            _ => None,
        }
    }

    /// Replaces the message about a hidden tool by the message about an unknown tool with that name.
    pub(super) fn hide(&self, error: CallError, caller: &Caller) -> CallError {
        match error {
            CallError::NotPermitted(unknown) if unknown.kind() == TargetKind::Tool => {
                let may_be = |near: &str, effect| self.permits(caller, near, effect);
                CallError::NotPermitted(self.nearest_to(unknown.name(), may_be))
            }
            other => other,
        }
    }

    /// Suggests the tool that was probably meant, or says why it is withheld. A tool is not suggested if its effect is stronger than
    /// the effect that the requested name implies. For the user who runs the service.
    pub fn unknown(&self, name: &str) -> UnknownName {
        match self.advice_on_withheld(name) {
            Some(advice) => UnknownName::tool(name).with_advice(advice),
            None => self.nearest_to(name, |_, _| true),
        }
    }

    /// Suggests the tool that was probably meant, among those that the caller may see.
    pub(super) fn unknown_to(&self, request: &SourceRequest, caller: &Caller) -> UnknownName {
        match request {
            SourceRequest::CallTool { name, .. } => {
                let row = self.tool(name).filter(|tool| !tool.get().is_tool());
                let row = row.filter(|tool| self.permits(caller, name, tool.get().effect));
                if let Some(resource) = row.and_then(|tool| Some(tool.get().resource?.uri.to_owned())) {
                    return UnknownName::tool(name).with_advice(format!("read the resource `{resource}`"));
                }
                self.nearest_to(name, |near, effect| self.permits(caller, near, effect))
            }
            other => UnknownName::target_of(other),
        }
    }

    fn nearest_to(&self, name: &str, may_be: impl Fn(&str, Effect) -> bool) -> UnknownName {
        let asked = Effect::asked_by(name);
        let generated = self.connector().called_tools().map(|tool| (tool.name, tool.effect));
        let generated = generated.chain(self.merges());
        let all = generated.chain(self.custom.iter().map(|tool| (tool.name.as_str(), tool.effect)));
        let all = all.filter(|(near, effect)| *effect <= asked && may_be(near, *effect));
        UnknownName::tool(name).with_near(nearest(name, all.map(|(name, _)| name)))
    }
}
