/// How likely a link is between a row and a column of a mask, from the mask alone: CH2-L3n, the node-based rule of the
/// Cannistraci–Hebb theory over paths of length three.
///
/// Two rows a, b that share i columns are joined with (1 + i) / (1 + e), e the links of b that lead elsewhere, less the one that
/// closes the path. The score of (a, v) sums that over the rows b that have v, and in the same way over the columns that a has.
///
/// Reference: Zhang et al. 2025, arXiv:2501.19107; Muscoloni et al. 2022, preprints 202012.0808
package struct BipartiteScores {
    /// (rows, columns), row-major; zero where a link is.
    package let scores: [Float]

    /// - Parameter links: ascending positions.
    /// - Complexity: O(rows² · fan-in + columns² · fan-out) time; rows² + columns² + rows · columns numbers.
    package init(rows: Int, columns: Int, links: [Int]) {
        var ofRow = [[Int]](repeating: [], count: rows), ofColumn = [[Int]](repeating: [], count: columns)
        for link in links {
            ofRow[link / columns].append(link % columns)
            ofColumn[link % columns].append(link / columns)
        }
        var scores = [Float](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            let joins = Self.joins(row, ofRow, ofColumn)
            for (other, join) in joins.enumerated() where join > 0 {
                for column in ofRow[other] { scores[row * columns + column] += join }
            }
        }
        for column in 0..<columns {
            let joins = Self.joins(column, ofColumn, ofRow)
            for (other, join) in joins.enumerated() where join > 0 {
                for row in ofColumn[other] { scores[row * columns + column] += join }
            }
        }
        for link in links { scores[link] = 0 }
        self.scores = scores
    }

    /// Of one node with each of its own side.
    private static func joins(_ node: Int, _ across: [[Int]], _ back: [[Int]]) -> [Float] {
        var shared = [Int32](repeating: 0, count: across.count)
        for between in across[node] { for other in back[between] { shared[other] += 1 } }
        return shared.indices.map { other in
            guard shared[other] > 0 else { return 0 }
            let elsewhere = max(0, across[other].count - Int(shared[other]) - 1)
            return Float(1 + shared[other]) / Float(1 + elsewhere)
        }
    }
}
