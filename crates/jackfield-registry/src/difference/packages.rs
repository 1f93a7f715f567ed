//! Compares packages.

use jackfield_diff::Class;

use super::inputs;
use super::one::{Difference, DifferenceKind};
use crate::entry::argument::{Argument, ArgumentKind};
use crate::entry::input::{Input, NamedInput};
use crate::entry::package::Package;

/// Compares the packages of two versions. Packages with the same kind and identifier belong together. A remaining package of the same
/// kind is the same one under another identifier.
pub(super) fn compare(old: &[Package], new: &[Package], differences: &mut Vec<Difference>) {
    let is_same =
        |one: &Package, other: &Package| one.kind == other.kind && one.identifier == other.identifier;
    let mut gone: Vec<&Package> = Vec::new();
    for before in old {
        match new.iter().find(|after| is_same(before, after)) {
            Some(after) => compare_one(before, after, differences),
            None => gone.push(before),
        }
    }
    for after in new.iter().filter(|after| !old.iter().any(|before| is_same(before, after))) {
        let at = gone.iter().position(|before| before.kind == after.kind);
        match at.map(|at| gone.remove(at)) {
            Some(before) => {
                differences.push(
                    Difference::new(
                        Class::Security,
                        DifferenceKind::Package,
                        &label(before),
                        "is another package now",
                    )
                    .values(Some(&before.identifier), Some(&after.identifier)),
                );
                compare_one(before, after, differences);
            }
            None => differences.push(Difference::new(
                Class::Behaviour,
                DifferenceKind::Package,
                &label(after),
                "is new",
            )),
        }
    }
    for before in gone {
        let change = "is not published any more";
        differences.push(Difference::new(Class::Breaking, DifferenceKind::Package, &label(before), change));
    }
}

fn compare_one(old: &Package, new: &Package, differences: &mut Vec<Difference>) {
    let subject = label(new);
    let mut add = |class, kind, change: &str, before: Option<&str>, after: Option<&str>| {
        if before != after {
            differences.push(Difference::new(class, kind, &subject, change).values(before, after));
        }
    };
    let (version, is_same_version) = (new.version.as_deref(), old.version == new.version);
    add(
        Class::Behaviour,
        DifferenceKind::PackageVersion,
        "has another version",
        old.version.as_deref(),
        version,
    );
    let digest_class =
        if is_same_version && new.identifier == old.identifier { Class::Security } else { Class::Behaviour };
    add(
        digest_class,
        DifferenceKind::Package,
        "is another file",
        old.file_sha256.as_deref(),
        new.file_sha256.as_deref(),
    );
    add(
        Class::Security,
        DifferenceKind::Package,
        "is in another registry",
        old.registry_base_url.as_deref(),
        new.registry_base_url.as_deref(),
    );
    let (before, after) = (old.transport.kind.as_str(), new.transport.kind.as_str());
    add(Class::Breaking, DifferenceKind::Transport, "is used in another way", Some(before), Some(after));
    add(
        Class::Behaviour,
        DifferenceKind::Transport,
        "is used at another URL",
        old.transport.url.as_deref(),
        new.transport.url.as_deref(),
    );
    inputs::compare(
        DifferenceKind::Variable,
        &named(&old.environment),
        &named(&new.environment),
        differences,
    );
    let (before, after) = (labelled(&old.arguments), labelled(&new.arguments));
    inputs::compare(DifferenceKind::Argument, &borrowed(&before), &borrowed(&after), differences);
    inputs::compare(
        DifferenceKind::Header,
        &named(&old.transport.headers),
        &named(&new.transport.headers),
        differences,
    );
}

pub(super) fn named(inputs: &[NamedInput]) -> Vec<(&str, &Input)> {
    inputs.iter().map(|named| (named.name.as_str(), &named.input)).collect()
}

/// Returns arguments with a name for each: the flag, or the position and hint of a value.
fn labelled(arguments: &[Argument]) -> Vec<(String, &Input)> {
    let mut positions = 0;
    let label = |argument: &Argument| match &argument.kind {
        ArgumentKind::Named { name } => name.clone(),
        ArgumentKind::Positional { hint } => {
            positions += 1;
            format!("{positions}. {}", hint.as_deref().unwrap_or("value"))
        }
    };
    let labels: Vec<String> = arguments.iter().map(label).collect();
    labels.into_iter().zip(arguments.iter().map(|argument| &argument.input)).collect()
}

fn borrowed<'e>(inputs: &'e [(String, &'e Input)]) -> Vec<(&'e str, &'e Input)> {
    inputs.iter().map(|(name, input)| (name.as_str(), *input)).collect()
}

fn label(package: &Package) -> String {
    format!("{} {}", package.kind, package.identifier)
}
