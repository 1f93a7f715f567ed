//! Groups operations that have no tag by the first resource of their paths.

use std::collections::BTreeMap;

use jackfield_model::{Connector, Group, Operation, WireName};

use crate::names::first_resources;

/// Assigns each operation without a tag to a group for its resource. If a tag has the same name as the resource, the operation joins that
/// tag.
pub(crate) fn group_by_resource(connector: &mut Connector) {
    let Some(at) = connector.groups.iter().position(|group| group.tag.as_str() == Group::UNTAGGED) else {
        return;
    };
    let untagged = connector.groups.remove(at);
    let resources = first_resources(&untagged.operations);
    let mut found: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
    for (operation, resource) in untagged.operations.into_iter().zip(resources) {
        found.entry(resource.unwrap_or_else(|| Group::UNTAGGED.to_owned())).or_default().push(operation);
    }
    for (resource, operations) in found {
        let same = |group: &&mut Group| group.tag.as_str().eq_ignore_ascii_case(&resource);
        match connector.groups.iter_mut().find(same) {
            Some(group) => group.operations.extend(operations),
            None => connector.groups.push(Group {
                tag: WireName::from(resource.as_str()),
                description: String::new(),
                operations,
            }),
        }
    }
    connector.groups.sort_by(|one, other| one.tag.cmp(&other.tag));
}
