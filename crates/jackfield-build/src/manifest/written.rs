//! The structure of connector.toml, as serde parses it.

use std::collections::BTreeMap;

use jackfield_model::{Ask, Effect};
use jackfield_openapi::FormObjects;
use serde::Deserialize;
use toml::Spanned;

use super::arguments::WrittenArguments;
use super::auth::WrittenAuth;
use super::jobs::WrittenJob;
use super::merge::WrittenMerge;
use super::prompts::WrittenPrompt;
use super::replies::WrittenReply;
use super::resources::WrittenResource;
use super::wording::Wording;

/// Unknown keys are errors, so that a misspelled choice is not ignored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub(super) document: Spanned<String>,
    pub(super) document_url: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) overlays: Vec<String>,
    pub(super) name: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) include: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) exclude: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) rename: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub(super) effect: BTreeMap<Spanned<String>, WrittenEffect>,
    #[serde(default)]
    pub(super) describe: BTreeMap<Spanned<String>, WrittenDescription>,
    #[serde(default)]
    pub(super) retitle: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub(super) merge: BTreeMap<Spanned<String>, WrittenMerge>,
    pub(super) instructions: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) ask: BTreeMap<Spanned<String>, WrittenAsk>,
    pub(super) name_limit: Option<Spanned<usize>>,
    #[serde(default)]
    pub(super) media: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub(super) form: BTreeMap<Spanned<String>, WrittenForm>,
    #[serde(default)]
    pub(super) body: BTreeMap<Spanned<String>, WrittenBody>,
    #[serde(default)]
    pub(super) servers: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) output_schemas: bool,
    #[serde(default)]
    pub(super) limits: WrittenLimits,
    #[serde(default)]
    pub(super) references: WrittenReferences,
    pub(super) wording: Option<Wording>,
    pub(super) surface: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) promote: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) rate: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    #[serde(default)]
    pub(super) replies: BTreeMap<Spanned<String>, WrittenReply>,
    #[serde(default)]
    pub(super) jobs: BTreeMap<Spanned<String>, WrittenJob>,
    #[serde(default)]
    pub(super) resources: BTreeMap<Spanned<String>, WrittenResource>,
    #[serde(default)]
    pub(super) prompts: BTreeMap<Spanned<String>, WrittenPrompt>,
    #[serde(default)]
    pub(super) documentation: bool,
    #[serde(default)]
    pub(super) timeout: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    #[serde(default)]
    pub(super) retry: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    #[serde(default)]
    pub(super) cache: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    #[serde(default)]
    pub(super) headers: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub(super) query: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub(super) ask_for: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) arguments: WrittenArguments,
    #[serde(default)]
    pub(super) auth: WrittenAuth,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum WrittenEffect {
    Read,
    Write,
    Destroy,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum WrittenAsk {
    Always,
    Never,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum WrittenForm {
    Brackets,
    Json,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum WrittenBody {
    Whole,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a text, or a table of `title` and `description`")]
pub(super) enum WrittenDescription {
    Text(String),
    Both(WrittenBoth),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenBoth {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenReferences {
    #[serde(default)]
    pub(super) outside: bool,
    #[serde(default)]
    pub(super) remote: BTreeMap<String, Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenLimits {
    pub(super) bytes: Option<usize>,
    pub(super) depth: Option<usize>,
    pub(super) nodes: Option<usize>,
}

impl From<WrittenEffect> for Effect {
    fn from(written: WrittenEffect) -> Self {
        match written {
            WrittenEffect::Read => Self::Read,
            WrittenEffect::Write => Self::Write,
            WrittenEffect::Destroy => Self::Destroy,
        }
    }
}

impl From<WrittenAsk> for Ask {
    fn from(written: WrittenAsk) -> Self {
        match written {
            WrittenAsk::Always => Self::Always,
            WrittenAsk::Never => Self::Never,
        }
    }
}

impl From<WrittenForm> for FormObjects {
    fn from(written: WrittenForm) -> Self {
        match written {
            WrittenForm::Brackets => Self::Brackets,
            WrittenForm::Json => Self::Json,
        }
    }
}
