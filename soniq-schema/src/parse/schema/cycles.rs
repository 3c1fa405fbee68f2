//! Bounds on what is applied to one value: no circles, and no avalanches.
//!
//! A circle through `properties` or `items` is a recursive type and fine. One through `$ref`,
//! `allOf` and the like alone would have a value checked against itself for ever.

use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::SchemaId;
use crate::parse::context::Context;

/// How many schemas may apply to one value, counted as often as each is reached.
const MAX_APPLIED: usize = 1000;

/// How deep schemas that apply to one value may lie in each other.
const MAX_DEPTH: usize = 32;

/// Reports and cuts circles, then schemas that apply too many others.
pub(in crate::parse) fn cut_cycles(context: &mut Context<'_>) {
    let ids: Vec<SchemaId> = context.schemas.ids().collect();
    let mut walk = Walk {
        state: vec![State::New; ids.len()],
        extent: vec![Extent::default(); ids.len()],
    };
    for id in ids {
        while !walk.from(context, id) {}
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// On the way from the start of the walk to where it is.
    Open,
    Done,
}

/// What one schema applies to a value, itself included.
#[derive(Clone, Copy, Default)]
struct Extent {
    count: usize,
    depth: usize,
}

struct Walk {
    state: Vec<State>,
    extent: Vec<Extent>,
}

impl Walk {
    /// Visits what `start` applies to the same value, depth first, without recursion: a chain may
    /// be longer than a stack. `false` if a circle was cut behind the walk, so that it has to be
    /// walked once more.
    fn from(&mut self, context: &mut Context<'_>, start: SchemaId) -> bool {
        let mut path: Vec<(SchemaId, Vec<SchemaId>)> = Vec::new();
        let mut visited = Vec::new();
        let mut next = Some(start);
        loop {
            if let Some(id) = next.take()
                && self.state[id.0 as usize] == State::New
            {
                self.state[id.0 as usize] = State::Open;
                visited.push(id);
                let mut applied: Vec<_> =
                    context.schemas.get(id).node().keywords.in_place().collect();
                applied.reverse();
                path.push((id, applied));
            }
            let Some((id, waiting)) = path.last_mut() else {
                return true;
            };
            let id = *id;
            let Some(child) = waiting.pop() else {
                self.state[id.0 as usize] = State::Done;
                self.measure(context, id);
                path.pop();
                continue;
            };
            if self.state[child.0 as usize] != State::Open {
                next = Some(child);
            } else if !cut(context, id, child) {
                // The step that closes the circle is from a schema to one that stands inside of it.
                let circle: Vec<_> = path.iter().map(|(id, _)| *id).collect();
                let mut steps = circle.windows(2).skip_while(|pair| pair[0] != child);
                let is_cut = steps.any(|pair| cut(context, pair[0], pair[1]));
                for id in visited {
                    self.state[id.0 as usize] = State::New;
                }
                // One step is a `$ref`, for a schema does not stand inside of itself.
                return !is_cut;
            }
        }
    }

    /// Adds up what a schema applies, once that is known of those that it names.
    fn measure(&mut self, context: &mut Context<'_>, id: SchemaId) {
        let node = context.schemas.get(id).node();
        let applied = node.keywords.in_place();
        let mut extent = applied.fold(Extent::default(), |sum, id| {
            let of = self.extent[id.0 as usize];
            Extent {
                count: sum.count.saturating_add(of.count),
                depth: sum.depth.max(of.depth),
            }
        });
        // A `$ref` alone is followed without a step of its own.
        if !node.keywords.is_only_reference() {
            extent.count = extent.count.saturating_add(1);
            extent.depth += 1;
        }
        if extent.count > MAX_APPLIED || extent.depth > MAX_DEPTH {
            let message = if extent.depth > MAX_DEPTH {
                format!("more than {MAX_DEPTH} schemas for one value lie in each other")
            } else {
                format!("more than {MAX_APPLIED} schemas apply to one value")
            };
            let location = node.location.clone();
            context.report(Diagnostic::new(codes::TOO_DEEP, message, &location));
            let node = context.schemas.node_mut(id);
            *node = crate::json_schema::Node::empty(location, std::mem::take(&mut node.pointer));
            context.untyped.push(id);
            extent = Extent { count: 1, depth: 1 };
        }
        self.extent[id.0 as usize] = extent;
    }
}

/// Cuts the step from one schema to another, if it is a `$ref` and nothing else.
fn cut(context: &mut Context<'_>, id: SchemaId, target: SchemaId) -> bool {
    let keywords = &context.schemas.get(id).node().keywords;
    // Behind `$ref`, which is the first where there is one.
    let is_alone = keywords.in_place().skip(1).all(|other| other != target);
    if keywords.reference != Some(target) || !is_alone {
        return false;
    }
    let node = context.schemas.node_mut(id);
    node.keywords.reference = None;
    let location = node.location.clone();
    let message = "this `$ref` leads back to itself";
    context.report(Diagnostic::new(codes::REFERENCE_CYCLE, message, &location));
    true
}
