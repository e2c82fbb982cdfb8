//! Puts what belongs together below each other: the way that goes well is one straight line, and so is every long way
//! as far as it runs past other layers.
//!
//! dagre decides layers and the order in each of them, which is what keeps crossings few. Where it places things in
//! that order treats all ways alike; here the ways that matter more are straight first, as far as the order allows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::super::{ArrowStyle, Graph};
use super::layout::{BESIDE, BESIDE_WAY, Layout};

/// Rounds of moving things to the middle of what they belong to.
const ROUNDS: usize = 24;

/// Something with a place in a layer: a box, or a point of a way.
struct Item {
    x: f64,
    half: f64,
    is_box: bool,
}

/// Things that are moved together, by what they must stay left and right of.
struct Blocks {
    /// The block of each item.
    of: Vec<usize>,
    /// The items of each block.
    items: Vec<Vec<usize>>,
    /// By block: the blocks to its right, and how far they must be.
    right: Vec<BTreeMap<usize, f64>>,
    /// By block: the blocks to its left.
    left: Vec<BTreeSet<usize>>,
}

pub fn straighten(graph: &Graph, layout: &mut Layout) {
    let (items, layers) = items(layout);
    let chains = chains(graph, layout);
    let mut blocks = Blocks::new(&items, &layers);
    let mut order: Vec<usize> = (0..graph.ways.len()).collect();
    order.sort_by_key(|way| (graph.ways[*way].manner, Reverse(chains[*way].len()), *way));
    for way in order {
        let chain = &chains[way];
        // Of a way that is as good as any other only what lies between the boxes is straight.
        let inner = if graph.ways[way].manner == ArrowStyle::Happy {
            &chain[..]
        } else {
            &chain[1..chain.len() - 1]
        };
        for pair in inner.windows(2) {
            blocks.join(pair[0], pair[1]);
        }
    }
    // What has one way only goes straight on, and a label stands above the one box that it leads to.
    let (mut down, mut up) = (vec![0; layout.boxes.len()], vec![0; layout.boxes.len()]);
    for chain in &chains {
        down[chain[0]] += 1;
        up[chain[chain.len() - 1]] += 1;
    }
    for chain in &chains {
        let last = chain.len() - 1;
        if up[chain[last]] == 1 {
            blocks.join(chain[last - 1], chain[last]);
        }
        if down[chain[0]] == 1 {
            chain
                .windows(2)
                .for_each(|pair| blocks.join(pair[0], pair[1]));
        }
    }
    let places = blocks.settle(&items, &chains, graph);
    let shifted = |item: usize| places[blocks.of[item]];
    let boxes = layout.boxes.len();
    for (place, rect) in layout.boxes.iter_mut().enumerate() {
        rect.x = shifted(place) - rect.width / 2.0;
    }
    let mut next = boxes;
    for (route, label) in layout.routes.iter_mut().zip(&mut layout.labels) {
        for point in &mut route.through {
            if label.width > 0.0 && (point.1 - label.y - label.height / 2.0).abs() < 0.5 {
                label.x = shifted(next) - label.width / 2.0;
            }
            point.0 = shifted(next);
            next += 1;
        }
    }
}

/// Everything that has a place, boxes first, and the layers, each from left to right.
fn items(layout: &Layout) -> (Vec<Item>, Vec<Vec<usize>>) {
    let mut items = Vec::new();
    let mut heights = Vec::new();
    for rect in &layout.boxes {
        heights.push(rect.y + rect.height / 2.0);
        items.push(Item {
            x: rect.middle(),
            half: rect.width / 2.0,
            is_box: true,
        });
    }
    for (route, label) in layout.routes.iter().zip(&layout.labels) {
        for (x, y) in &route.through {
            let has_label = label.width > 0.0 && (y - label.y - label.height / 2.0).abs() < 0.5;
            heights.push(*y);
            items.push(Item {
                x: *x,
                half: if has_label { label.width / 2.0 } else { 0.0 },
                is_box: false,
            });
        }
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|one, other| heights[*one].total_cmp(&heights[*other]));
    let mut layers: Vec<Vec<usize>> = Vec::new();
    for item in order {
        match layers
            .last_mut()
            .filter(|layer| heights[item] - heights[layer[0]] < 0.5)
        {
            Some(layer) => layer.push(item),
            None => layers.push(vec![item]),
        }
    }
    for layer in &mut layers {
        layer.sort_by(|one, other| {
            items[*one]
                .x
                .total_cmp(&items[*other].x)
                .then(one.cmp(other))
        });
    }
    (items, layers)
}

/// The items of each way, its boxes included, downwards.
fn chains(graph: &Graph, layout: &Layout) -> Vec<Vec<usize>> {
    let mut next = layout.boxes.len();
    let ways = graph.ways.iter().zip(&layout.routes);
    ways.map(|(way, route)| {
        let (upper, lower) = if route.upwards {
            (way.to, way.from)
        } else {
            (way.from, way.to)
        };
        let points = next..next + route.through.len();
        next = points.end;
        std::iter::once(upper)
            .chain(points)
            .chain([lower])
            .collect()
    })
    .collect()
}

impl Blocks {
    fn new(items: &[Item], layers: &[Vec<usize>]) -> Self {
        let (mut right, mut left) = (
            vec![BTreeMap::new(); items.len()],
            vec![BTreeSet::new(); items.len()],
        );
        for pair in layers.iter().flat_map(|layer| layer.windows(2)) {
            let (one, other) = (&items[pair[0]], &items[pair[1]]);
            let gap = if one.is_box && other.is_box {
                BESIDE
            } else {
                BESIDE_WAY
            };
            right[pair[0]].insert(pair[1], one.half + other.half + gap);
            left[pair[1]].insert(pair[0]);
        }
        let alone = 0..items.len();
        Self {
            of: alone.clone().collect(),
            items: alone.map(|item| vec![item]).collect(),
            right,
            left,
        }
    }

    /// Makes one block of those of two items, unless one must stay right of the other.
    fn join(&mut self, one: usize, other: usize) {
        let (into, gone) = (self.of[one], self.of[other]);
        if into == gone || self.reaches(into, gone) || self.reaches(gone, into) {
            return;
        }
        for item in std::mem::take(&mut self.items[gone]) {
            self.of[item] = into;
            self.items[into].push(item);
        }
        for (to, far) in std::mem::take(&mut self.right[gone]) {
            self.left[to].remove(&gone);
            self.keep_apart(into, to, far);
        }
        for from in std::mem::take(&mut self.left[gone]) {
            if let Some(far) = self.right[from].remove(&gone) {
                self.keep_apart(from, into, far);
            }
        }
    }

    fn keep_apart(&mut self, one: usize, other: usize, far: f64) {
        let least = self.right[one].entry(other).or_insert(far);
        *least = least.max(far);
        self.left[other].insert(one);
    }

    fn reaches(&self, from: usize, to: usize) -> bool {
        let (mut open, mut seen) = (vec![from], vec![false; self.right.len()]);
        while let Some(block) = open.pop() {
            if block == to {
                return true;
            }
            if !std::mem::replace(&mut seen[block], true) {
                open.extend(self.right[block].keys());
            }
        }
        false
    }

    /// Blocks so that each stands before those to its right.
    fn sorted(&self) -> Vec<usize> {
        let mut before = vec![0; self.right.len()];
        self.right
            .iter()
            .flat_map(BTreeMap::keys)
            .for_each(|block| before[*block] += 1);
        let mut sorted: Vec<usize> = (0..self.right.len())
            .filter(|block| before[*block] == 0)
            .collect();
        let mut next = 0;
        while let Some(block) = sorted.get(next).copied() {
            next += 1;
            for right in self.right[block].keys() {
                before[*right] -= 1;
                if before[*right] == 0 {
                    sorted.push(*right);
                }
            }
        }
        sorted
    }

    /// Finds a place for each block: near what it belongs to, and far enough from what is beside it.
    fn settle(&self, items: &[Item], chains: &[Vec<usize>], graph: &Graph) -> Vec<f64> {
        let mut belongs: Vec<Vec<(usize, u32)>> = vec![Vec::new(); self.right.len()];
        for (way, chain) in chains.iter().enumerate() {
            let weight = if graph.ways[way].manner == ArrowStyle::Trouble {
                2
            } else {
                3
            };
            for pair in chain.windows(2) {
                let (one, other) = (self.of[pair[0]], self.of[pair[1]]);
                if one != other {
                    belongs[one].push((other, weight));
                    belongs[other].push((one, weight));
                }
            }
        }
        // A little, everything belongs to the way that goes well.
        let well = graph
            .nodes
            .iter()
            .position(|node| node.happy)
            .map_or(0, |node| self.of[node]);
        belongs
            .iter_mut()
            .enumerate()
            .filter(|(block, _)| *block != well)
            .for_each(|(_, of)| of.push((well, 1)));
        let mut sums = vec![(0.0, 0.0); self.right.len()];
        for (item, block) in items.iter().zip(&self.of) {
            sums[*block] = (sums[*block].0 + item.x, sums[*block].1 + 1.0);
        }
        let sorted = self.sorted();
        let first: Vec<f64> = sums
            .iter()
            .map(|(sum, number)| sum / f64::max(*number, 1.0))
            .collect();
        let mut places = self.apart(&first, &sorted);
        for round in 0..ROUNDS {
            let wanted: Vec<f64> = belongs
                .iter()
                .enumerate()
                .map(|(block, of)| middle(of, &places, round).unwrap_or(places[block]))
                .collect();
            // Half of the way at first, so that two that want each other's place do not go on changing it.
            let towards = |(now, wanted): (&f64, &f64)| (now + wanted) / 2.0;
            let halfway: Vec<f64> = places.iter().zip(&wanted).map(towards).collect();
            places = self.apart(&halfway, &sorted);
        }
        for _ in 0..ROUNDS {
            self.nudge(&belongs, &sorted, &mut places);
        }
        places
    }

    /// The nearest places in which everything is far enough from what is beside it: half of what pushing to the right
    /// alone and to the left alone come to, which keeps every distance that both keep.
    fn apart(&self, wanted: &[f64], sorted: &[usize]) -> Vec<f64> {
        let (mut pushed_right, mut pushed_left) = (wanted.to_vec(), wanted.to_vec());
        for block in sorted {
            for (right, far) in &self.right[*block] {
                pushed_right[*right] = pushed_right[*right].max(pushed_right[*block] + far);
            }
        }
        for block in sorted.iter().rev() {
            for (right, far) in &self.right[*block] {
                pushed_left[*block] = pushed_left[*block].min(pushed_left[*right] - far);
            }
        }
        pushed_right
            .iter()
            .zip(&pushed_left)
            .map(|(one, other)| (one + other) / 2.0)
            .collect()
    }

    /// Moves each block alone as near to its middle as those beside it let it.
    fn nudge(&self, belongs: &[Vec<(usize, u32)>], sorted: &[usize], places: &mut [f64]) {
        let mut least = vec![f64::NEG_INFINITY; places.len()];
        for block in sorted {
            let most = self.right[*block]
                .iter()
                .map(|(right, far)| places[*right] - far)
                .fold(f64::INFINITY, f64::min);
            if let Some(middle) = middle(&belongs[*block], places, 0) {
                // Rounding must not turn the bounds round.
                places[*block] = middle.min(most).max(least[*block]);
            }
            for (right, far) in &self.right[*block] {
                least[*right] = least[*right].max(places[*block] + far);
            }
        }
    }
}

/// The weighted median of the places of others, of two that are as good by turns the left and the right one.
fn middle(others: &[(usize, u32)], places: &[f64], round: usize) -> Option<f64> {
    let mut all: Vec<(f64, u32)> = others
        .iter()
        .map(|(other, weight)| (places[*other], *weight))
        .collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let whole: u32 = all.iter().map(|(_, weight)| weight).sum();
    let (mut so_far, half) = (0, whole + u32::from(round % 2 == 1));
    all.iter()
        .find(|(_, weight)| {
            so_far += 2 * weight;
            so_far >= half
        })
        .map(|(place, _)| *place)
}
