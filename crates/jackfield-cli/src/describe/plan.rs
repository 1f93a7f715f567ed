//! Decides for which tools the command is asked, and which texts are kept.

use std::collections::BTreeSet;

use super::given_command::GivenCommand;
use super::material::Material;
use super::overlay_file::{DescribedTool, OverlayFile};
use super::weakness::{Weakness, weak_tools};
use crate::lint::Subject;

/// The position of a tool, its weakness, and the positions of tools that look like it.
pub(super) type SelectedTool = (usize, Weakness, BTreeSet<usize>);

/// Returns the tools of a run, and the number of tools beyond the limit. Weak tools are sorted by their weakness. A
/// run without selectors includes the tools that are already described, so that their texts follow the document.
pub(super) fn selected(
    subject: &Subject,
    chosen: &[usize],
    is_named: bool,
    limit: usize,
    existing: Option<&OverlayFile>,
) -> (Vec<SelectedTool>, usize) {
    let mut weak = weak_tools(subject);
    let mut tools: Vec<SelectedTool> = match is_named {
        true => chosen
            .iter()
            .map(|at| {
                let (weakness, alike) = weak.remove(at).unwrap_or((Weakness::Named, BTreeSet::new()));
                (*at, weakness, alike)
            })
            .collect(),
        false => weak.into_iter().map(|(at, (weakness, alike))| (at, weakness, alike)).collect(),
    };
    tools.sort_by_key(|(at, weakness, _)| (*weakness, *at));
    let is_known = |at: usize| existing.is_some_and(|file| file.get(&subject.tools[at].route).is_some());
    let mut beyond = 0;
    let mut count = 0;
    tools.retain(|(at, ..)| {
        count += 1;
        let stays = count <= limit || (!is_named && is_known(*at));
        beyond += usize::from(!stays);
        stays
    });
    if !is_named {
        // These tools are described although they are not weak, because a selector of an earlier run matched them.
        let named =
            existing.into_iter().flat_map(OverlayFile::tools).filter(|it| it.weakness == Weakness::Named);
        for tool in named {
            let at = subject.tools.iter().position(|known| known.route == tool.route);
            if let Some(at) = at.filter(|at| tools.iter().all(|(known, ..)| known != at)) {
                tools.push((at, Weakness::Named, BTreeSet::new()));
            }
        }
    }
    (tools, beyond)
}

/// The reason why a run would change the texts of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drift {
    /// The tool has not been described yet.
    New,
    /// The operation or its siblings have changed.
    Changed,
    /// Another command described the tool.
    OtherCommand,
    /// The operation has changed since somebody edited the texts.
    Edited,
    /// The operation is no longer a tool, or no longer needs a text.
    Gone,
}

impl Drift {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::New => "has not been described yet",
            Self::Changed => "has changed since it was described",
            Self::OtherCommand => "was described by another command",
            Self::Edited => "has changed since its texts were edited",
            Self::Gone => "is no longer a tool, or no longer needs a text of this file",
        }
    }
}

/// The tools of a run, grouped by the action for each.
pub(super) struct Plan {
    /// Tools for which the command is asked, each with the reason.
    new: Vec<(Material, Drift)>,
    /// Tools whose operations have changed since somebody edited the texts.
    edited: Vec<Material>,
    /// The routes of tools whose texts are removed.
    gone: Vec<String>,
    /// The number of tools whose texts stay as they are.
    pub(super) kept: usize,
    /// The texts before the run.
    before: OverlayFile,
}

impl Plan {
    /// Compares the material with a file. `routes` are the routes of all tools. If `is_named` is set, the texts of tools without material
    /// stay in the file. The texts of merged operations stay too, because they become lines in the description of the merged tool.
    pub(super) fn new(
        material: Vec<Material>,
        before: OverlayFile,
        command: Option<&GivenCommand>,
        is_again: bool,
        routes: &BTreeSet<String>,
        merged: &BTreeSet<String>,
        is_named: bool,
    ) -> Self {
        let asked: BTreeSet<&str> = material.iter().map(|material| material.route.as_str()).collect();
        let is_gone = |tool: &&DescribedTool| {
            let is_named_only = is_named && routes.contains(&tool.route);
            !merged.contains(&tool.route) && !is_named_only && !asked.contains(tool.route.as_str())
        };
        let gone = before.tools().filter(is_gone).map(|tool| tool.route.clone()).collect();
        let mut plan = Self { new: Vec::new(), edited: Vec::new(), gone, kept: 0, before };
        for material in material {
            let Some(known) = plan.before.get(&material.route) else {
                plan.new.push((material, Drift::New));
                continue;
            };
            let is_same = known.material == material.digest;
            let is_same_command = command.is_none_or(|command| command.digest() == known.command);
            match (known.is_edited() && !is_again, is_same) {
                (true, true) => plan.kept += 1,
                (true, false) => plan.edited.push(material),
                (false, false) => plan.new.push((material, Drift::Changed)),
                (false, true) if is_again || !is_same_command => {
                    plan.new.push((material, Drift::OtherCommand));
                }
                (false, true) => plan.kept += 1,
            }
        }
        plan
    }

    /// Returns the tools for which the command is asked.
    pub(super) fn asked(&self) -> Vec<&Material> {
        self.new.iter().map(|(material, _)| material).collect()
    }

    /// Returns the operations whose texts a run would change.
    pub(super) fn drifts(&self) -> Vec<(&str, Drift)> {
        let new = self.new.iter().map(|(material, drift)| (material.route.as_str(), *drift));
        let edited = self.edited.iter().map(|material| (material.route.as_str(), Drift::Edited));
        let gone = self.gone.iter().map(|route| (route.as_str(), Drift::Gone));
        new.chain(edited).chain(gone).collect()
    }

    /// Returns the file after the run. Tools for which there was no answer keep their texts.
    pub(super) fn file_with(&self, described: &[DescribedTool]) -> OverlayFile {
        let mut file = self.before.clone();
        self.gone.iter().for_each(|route| file.remove(route));
        for material in &self.edited {
            let is_wanted = |target: &str, key: &str| {
                material.wanted.iter().any(|it| it.target == target && it.subject.key() == key)
            };
            file.follow(&material.route, &material.digest, is_wanted);
        }
        described.iter().for_each(|tool| file.insert(tool.clone()));
        file
    }
}
