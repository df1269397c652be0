import Foundation
import Interchange
import Text

/// Takes another run off the disk, which lies beside this one and which nobody has open.
package struct DeleteRunQuery: Question {
    package static let kind = Query.Kind.deleteRun
    package static let manner = Manner(extent: .weights, lane: .files, copyAgeSeconds: 3600, pace: .onKey)

    /// Of its folder.
    package var name: String

    package init(name: String) { self.name = name }

    package func answer(from evidence: Evidence, _ reply: (DeletedRun) -> Void) throws {
        let parent = Files.folder(of: evidence.folder)
        // A name alone: nothing that leads elsewhere.
        guard !name.isEmpty, name != ".", name != "..", !name.contains("/"), name != Files.name(of: evidence.folder)
        else {
            throw Refused("not deleted: \(name.visible) is no other run beside this one")
        }
        do {
            reply(
                DeletedRun(name: name, stays: try RunFolder.delete(parent.isEmpty ? name : parent + "/" + name)))
        } catch {
            throw Refused("not deleted: \(error)")
        }
    }
}

package struct DeletedRun: QuestionReply {
    package var name: String
    /// Entries of its folder that no run writes by itself: kept networks, notes.
    package var stays: [String]

    package init(name: String, stays: [String]) {
        self.name = name
        self.stays = stays
    }
}

extension Query.Kind {
    package static let deleteRun = Query.Kind("delete-run")
}

extension Query {
    package static func deleteRun(_ name: String) -> Query { Query(DeleteRunQuery(name: name)) }
}
