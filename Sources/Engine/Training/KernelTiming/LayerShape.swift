import Graph
import Kernels

/// Of a layer with weights, all that the time of its kernels depends on besides the density: the key of the cache.
package struct LayerShape: Codable, Hashable, Sendable {
    package var rows: Int
    package var channels: Int
    package var window = KernelWindow()
    /// Of the input.
    package var height = 1
    package var width = 1
    package var lanes: Int
    package var panels: Int

    /// - Precondition: one group; grouped layers have no dense kernels to choose.
    package init(_ map: WeightMap, samples: Int) {
        precondition(map.groups == 1)
        rows = map.rows
        channels = map.channels
        window = map.window
        height = map.input.height
        width = map.input.width
        lanes = map.input.lanes
        panels = (samples + lanes - 1) / lanes
    }

    package var outputHeight: Int { window.outputs(height: height, width: width).y }
    package var outputWidth: Int { window.outputs(height: height, width: width).x }
    package var taps: Int { window.taps }
    /// Positions of all panels that a weight is used at.
    package var positions: Int { panels * outputHeight * outputWidth }

    /// Multiply-adds of one pass over all weights.
    var multiplyAdds: Int { rows * channels * taps * positions * lanes }

    /// A smaller layer whose kernels compare in the same way, so that measuring it takes milliseconds: no more rows and
    /// channels than make 2¹⁷ weights, because a pattern has to be built for each density; few panels; of a large
    /// image fewer rows. Widths stay, for with them go the runs and the tiles.
    package var sample: LayerShape {
        var small = self
        let weights = 1 << 17
        let side = max(12, Int((Double(weights) / Double(taps)).squareRoot()))
        if rows * channels * taps > weights {
            small.rows = min(rows, max(side, weights / (taps * channels)))
            small.channels = min(channels, max(12, weights / (taps * small.rows)))
        }
        small.panels = min(panels, height * width == 1 ? 256 / lanes : 1)
        // One task is timed of a layer that is large still: of an image all rows of weights.
        let perImageRow = small.rows * small.channels * taps * outputWidth * lanes
        let imageRows = min(outputHeight, max(2, 100_000_000 / max(perImageRow, 1)))
        let read = (imageRows - 1) * window.stride.y + window.extent.y
        small.height = min(height, max(1, read - window.pads.top - window.pads.bottom))
        return small
    }

    /// The smaller layer for the weight gradient, whose chains run over all positions: of an image layer these stay, for
    /// whether they fit a cache decides, and rows and channels go.
    var gradientSample: LayerShape {
        guard height * width > 1 else { return sample }
        var small = self
        small.rows = min(rows, 12)
        let limit = 40_000_000
        small.channels = min(channels, max(4, limit / max(small.rows * taps * positions * lanes, 1)))
        while small.multiplyAdds > 2 * limit, small.panels > 1 { small.panels = (small.panels + 1) / 2 }
        return small
    }

    package var map: WeightMap {
        func layout(_ channels: Int, _ height: Int, _ width: Int, border: Int) -> ImageLayout {
            ImageLayout(channels: channels, height: height, width: width, border: border, lanes: lanes)
        }
        let border = window.gradientBorder(
            height: height, width: width, outputHeight: outputHeight, outputWidth: outputWidth)
        return WeightMap(
            input: layout(channels, height, width, border: window.pads.widest),
            output: layout(rows, outputHeight, outputWidth, border: 0),
            inputGradient: layout(channels, height, width, border: 0),
            outputGradient: layout(rows, outputHeight, outputWidth, border: border), window: window)
    }
}
