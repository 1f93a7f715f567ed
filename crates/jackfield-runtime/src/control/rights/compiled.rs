//! Rights that are compiled for decisions: the rights of each principal are computed once.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use super::document::RightsDocument;
use super::rule::{Broken, Rule};
use crate::common::caller::{Caller, Principal};
use crate::engine::known_tool::KnownTool;
use crate::engine::policy::permit::Permission;
use crate::engine::request::{Arguments, Target, TargetKind};

/// The maximum number of principals, and of sets of rules, whose decisions are cached.
const MOST_KEPT: usize = 4096;

/// The rights to the tools of a connector.
pub(crate) struct CompiledRights {
    rules: Vec<Rule>,
    /// The tools whose decisions are computed once for each set of rules.
    tools: Arc<[KnownTool]>,
    positions: HashMap<String, usize>,
    /// The names of the claims that occur in rules.
    claims: HashSet<String>,
    /// The cached rights, by principal and by its claims that occur in rules.
    of_principals: RwLock<HashMap<Principal, HashMap<NamedClaims, Arc<RightsOf>>>>,
    /// The cached rights by the rules that apply, because many principals share the same rules.
    of_rules: Mutex<HashMap<Vec<usize>, Arc<RightsOf>>>,
}

/// The claims of a caller that occur in rules.
type NamedClaims = Vec<(String, String)>;

/// The rights of all principals to whom the same rules apply.
struct RightsOf {
    rules: Vec<usize>,
    version: u64,
    may_approve: bool,
    may_approve_own: bool,
    /// The decisions about the tools that are not hidden, by the position of the tool. With many connectors, most tools are hidden from
    /// most agents.
    decisions: OnceLock<Box<[(usize, Decision)]>>,
}

/// The decision about a tool that is not hidden.
enum Decision {
    /// This rule allows the tool, without conditions and scopes.
    Allowed(usize),
    /// These rules allow the tool, depending on scopes and arguments.
    Rules(Box<[usize]>),
}

impl CompiledRights {
    pub(crate) fn new(document: RightsDocument, tools: &Arc<[KnownTool]>) -> Self {
        Self::of(document.rules, tools)
    }

    /// Creates rights that allow nothing.
    pub(super) fn nothing(tools: &Arc<[KnownTool]>) -> Self {
        Self::of(Vec::new(), tools)
    }

    fn of(rules: Vec<Rule>, tools: &Arc<[KnownTool]>) -> Self {
        let positions = tools.iter().enumerate().map(|(at, tool)| (tool.name.clone(), at)).collect();
        let (of_principals, of_rules) = (RwLock::default(), Mutex::default());
        let claims = rules.iter().flat_map(|rule| &rule.claims).map(|(name, _)| name.clone()).collect();
        Self { rules, tools: Arc::clone(tools), positions, claims, of_principals, of_rules }
    }

    pub(crate) fn decide(
        &self,
        caller: &Caller,
        target: Target<'_>,
        arguments: Option<&Arguments>,
    ) -> Permission {
        self.explain(caller, target, arguments).0
    }

    /// Returns the decision, and the rule that made it.
    pub(crate) fn explain(
        &self,
        caller: &Caller,
        target: Target<'_>,
        arguments: Option<&Arguments>,
    ) -> (Permission, Option<&Rule>) {
        let rights = self.rights_of(caller);
        let position = (target.kind == TargetKind::Tool).then(|| self.positions.get(target.name)).flatten();
        // The table contains only generated tools with their declared effect. Every other target is decided individually.
        let known = position.filter(|at| self.tools[**at].effect == target.effect);
        let Some(&at) = known else {
            let rules: Vec<usize> = self.covering(&rights.rules, target, None).collect();
            return self.among(&rules, caller, target, arguments);
        };
        let decisions = rights.decisions.get_or_init(|| self.decisions(&rights.rules));
        let Ok(found) = decisions.binary_search_by_key(&at, |(at, _)| *at) else {
            return (Permission::Hidden, None);
        };
        match &decisions[found].1 {
            Decision::Allowed(rule) => (Permission::Allowed, Some(&self.rules[*rule])),
            Decision::Rules(rules) => self.among(rules, caller, target, arguments),
        }
    }

    /// Returns the version of the rights that determine the lists of a caller.
    pub(crate) fn version(&self, caller: &Caller) -> u64 {
        self.rights_of(caller).version
    }

    pub(crate) fn may_approve(&self, caller: &Caller) -> bool {
        self.rights_of(caller).may_approve
    }

    pub(crate) fn may_approve_own(&self, caller: &Caller) -> bool {
        self.rights_of(caller).may_approve_own
    }

    /// Returns the number of principals whose decisions are cached.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.of_principals.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn rights_of(&self, caller: &Caller) -> Arc<RightsOf> {
        let principal = caller.principal();
        // If no rule names claims, nothing is allocated.
        let named = caller.claims().iter().filter(|(name, _)| self.claims.contains(name));
        let claims: NamedClaims = named.cloned().collect();
        let known = self.of_principals.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(rights) = known.get(principal).and_then(|known| known.get(&claims)) {
            return Arc::clone(rights);
        }
        drop(known);
        let rules = self.rules.iter().enumerate().filter(|(_, rule)| rule.is_for(principal, &claims));
        let rules: Vec<usize> = rules.map(|(at, _)| at).collect();
        let rights = self.rights_by(rules);
        let mut known = self.of_principals.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KEPT {
            known.clear();
        }
        let of_principal = known.entry(principal.clone()).or_default();
        if of_principal.len() >= MOST_KEPT {
            of_principal.clear();
        }
        of_principal.insert(claims, Arc::clone(&rights));
        rights
    }

    fn rights_by(&self, rules: Vec<usize>) -> Arc<RightsOf> {
        let mut known = self.of_rules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rights) = known.get(&rules) {
            return Arc::clone(rights);
        }
        if known.len() >= MOST_KEPT {
            known.clear();
        }
        let applied = || rules.iter().map(|at| &self.rules[*at]);
        let mut hasher = DefaultHasher::new();
        // Byte offsets change with every edit of the file, so they are excluded from the version.
        applied().for_each(|rule| format!("{:?}", Rule { offset: 0, ..rule.clone() }).hash(&mut hasher));
        let rights = Arc::new(RightsOf {
            version: hasher.finish(),
            may_approve: applied().any(|rule| rule.may_approve),
            may_approve_own: applied().any(|rule| rule.may_approve_own),
            decisions: OnceLock::new(),
            rules: rules.clone(),
        });
        known.insert(rules, Arc::clone(&rights));
        rights
    }

    fn decisions(&self, rules: &[usize]) -> Box<[(usize, Decision)]> {
        let decision = |(at, tool): (usize, &KnownTool)| {
            let target = Target { kind: TargetKind::Tool, name: &tool.name, effect: tool.effect };
            let covering: Vec<usize> = self.covering(rules, target, tool.tag.as_deref()).collect();
            match covering.iter().find(|rule| self.is_plain(**rule)) {
                Some(plain) => Some((at, Decision::Allowed(*plain))),
                None if covering.is_empty() => None,
                None => Some((at, Decision::Rules(covering.into()))),
            }
        };
        self.tools.iter().enumerate().filter_map(decision).collect()
    }

    fn is_plain(&self, rule: usize) -> bool {
        self.rules[rule].scopes().is_empty() && !self.rules[rule].has_conditions()
    }

    fn covering<'a>(
        &'a self,
        rules: &'a [usize],
        target: Target<'a>,
        tag: Option<&'a str>,
    ) -> impl Iterator<Item = usize> + 'a {
        rules.iter().copied().filter(move |at| self.rules[*at].covers(target, tag))
    }

    /// Decides about a target by the scopes and arguments of a call, with the rules that cover the target.
    fn among(
        &self,
        rules: &[usize],
        caller: &Caller,
        target: Target<'_>,
        arguments: Option<&Arguments>,
    ) -> (Permission, Option<&Rule>) {
        let rules = || rules.iter().map(|at| &self.rules[*at]);
        let missing =
            |rule: &Rule| rule.scopes().iter().filter(|scope| !caller.scopes().contains(scope)).count();
        let mut lacking: Option<(usize, &Rule)> = None;
        let mut refused: Option<(usize, &Rule, Broken<'_>)> = None;
        for rule in rules() {
            let missing = missing(rule);
            // A condition may be costly, so each is evaluated once.
            match arguments.and_then(|arguments| rule.broken(caller, target, arguments)) {
                None if missing == 0 => return (Permission::Allowed, Some(rule)),
                None if lacking.is_none_or(|(least, _)| missing < least) => lacking = Some((missing, rule)),
                Some(why) if refused.as_ref().is_none_or(|(least, ..)| missing < *least) => {
                    refused = Some((missing, rule, why));
                }
                _ => {}
            }
        }
        // Missing scopes are reported only for a rule whose conditions the arguments meet, because more
        // scopes would not help otherwise.
        if let Some((_, rule)) = lacking {
            return (Permission::NeedsScopes(rule.scopes().to_vec()), Some(rule));
        }
        match refused {
            Some((_, rule, why)) => (Permission::ArgumentsRefused(format!("{why} ({rule})")), Some(rule)),
            None => (Permission::Hidden, None),
        }
    }
}

impl std::fmt::Debug for CompiledRights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CompiledRights({} rules, {} tools)", self.rules.len(), self.tools.len())
    }
}
