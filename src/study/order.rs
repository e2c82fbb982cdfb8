//! Depth-first search: the order in which a graph's places are left, and which ways lead back.

/// The order in which a depth-first search leaves the places of a graph.
#[derive(Clone, Debug)]
pub struct DepthOrder {
    /// The places that are reached, each after those that its ways lead to, ways back left out.
    pub places: Vec<usize>,
    /// When each place is left; one that is not reached comes last.
    left: Vec<usize>,
}

impl DepthOrder {
    /// Goes from these places down every way; `ways` has those out of each place. Its stack is its own: a flow may be
    /// deep.
    pub fn from(starts: impl IntoIterator<Item = usize>, ways: &[Vec<usize>]) -> Self {
        let mut order = Self {
            places: Vec::new(),
            left: vec![usize::MAX; ways.len()],
        };
        let mut seen = vec![false; ways.len()];
        for start in starts {
            if std::mem::replace(&mut seen[start], true) {
                continue;
            }
            let mut open = vec![(start, ways[start].iter())];
            while let Some((here, left)) = open.last_mut() {
                match left.next() {
                    Some(to) if !std::mem::replace(&mut seen[*to], true) => {
                        open.push((*to, ways[*to].iter()));
                    }
                    Some(_) => {}
                    None => {
                        order.left[*here] = order.places.len();
                        order.places.push(*here);
                        open.pop();
                    }
                }
            }
        }
        order
    }

    /// Whether a way leads back, to a place that a call has come through already.
    pub fn is_back(&self, from: usize, to: usize) -> bool {
        self.left[to] >= self.left[from]
    }
}

#[cfg(test)]
mod tests {
    use super::DepthOrder;

    #[test]
    fn a_place_comes_after_those_it_leads_to_and_ways_that_close_a_circle_lead_back() {
        // 0 to 1 and 2, 1 to 2, 2 back to 0 and to itself; nothing leads to 3.
        let ways = [vec![1, 2], vec![2], vec![0, 2], vec![1]];
        let order = DepthOrder::from([0], &ways);
        assert_eq!(order.places, [2, 1, 0]);
        let back = [(2, 0), (2, 2)];
        for (from, to) in [(0, 1), (0, 2), (1, 2), (2, 0), (2, 2)] {
            assert_eq!(
                order.is_back(from, to),
                back.contains(&(from, to)),
                "{from} to {to}"
            );
        }
        assert_eq!(DepthOrder::from([0, 3], &ways).places, [2, 1, 0, 3]);
    }
}
