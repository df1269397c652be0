import Descriptors

/// All that was met.
package struct MinMaxRange: RangeChoice {
    package static let descriptor = Descriptor(name: "min-max", summary: "From the smallest value to the largest")
    package init(_ arguments: Arguments) {}
    package func range(_ values: ValueHistogram) -> ClosedRange<Float> { values.low...values.high }
}
