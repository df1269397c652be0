import Foundation
import Interchange

/// The run could not be written to disk. What was on it is still there.
package struct SaveFailure: Error, CustomStringConvertible {
    package let description: String
    package let cause: any Error

    init(_ cause: any Error, isInteractive: Bool) {
        self.cause = cause
        description =
            "cannot save: \(cause). "
            + (isInteractive
                ? "Training is paused and nothing is lost; \(cause.remedy), then train on"
                : "The run ends here, and what was saved before is not lost")
    }
}

extension Error {
    /// What a person can do about a file that could not be written.
    package var remedy: String {
        switch (self as? FileProblem ?? (self as? SaveFailure)?.cause as? FileProblem)?.code {
        case ENOSPC, EDQUOT: "make room"
        case EFBIG: "raise the limit on the size of files (ulimit -f)"
        default: "mend that"
        }
    }
}
