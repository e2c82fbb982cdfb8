//! Flows that go through others: what is proved and reported of them.

use std::sync::Arc;

use crate::engine::flow::Bundle;
use crate::engine::load::load;
use crate::study::diff::diff;

#[test]
fn what_changes_in_a_flow_that_is_gone_through_is_told_in_its_file() {
    let mut kinds = crate::engine::steps::KINDS.iter();
    let kind = kinds.find(|kind| kind.name == "flow");
    let bundle = crate::engine::tests::phone::bundle(kind.expect("it is there").example);
    let mut flows = (*bundle.flows).clone();
    for file in flows.values_mut() {
        file.source = file.source.replace("Please enter", "Kindly enter").into();
    }
    let changed = Bundle {
        flows: Arc::new(flows),
        ..bundle.clone()
    };
    let (old, new) = (
        load(&bundle).expect("sound"),
        load(&changed).expect("sound"),
    );
    let changes = diff(&old, &new).changes;
    let [change] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    assert_eq!(change.steps, ["number/number"]);
    assert_eq!(&*change.at.file, "shared/number.toml");
}
