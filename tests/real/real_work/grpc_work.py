from concurrent import futures

import google.protobuf
import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, struct_pb2, text_format, timestamp_pb2
from google.protobuf.internal import api_implementation
from shown import uses

uses(grpc="grpcio", google__protobuf="protobuf")


def answer(request, context):
    if "fail" in request.fields:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "asked to fail")
    made = struct_pb2.Struct()
    made.update({"keys": sorted(request.fields), "peer": context.peer().partition(":")[0]})
    return made


def count(request, context):
    for number in range(int(request.number_value)):
        yield struct_pb2.Value(number_value=number)


struct, value = struct_pb2.Struct, struct_pb2.Value
handlers = {
    "Answer": grpc.unary_unary_rpc_method_handler(answer, struct.FromString, struct.SerializeToString),
    "Count": grpc.unary_stream_rpc_method_handler(count, value.FromString, value.SerializeToString),
}
server = grpc.server(futures.ThreadPoolExecutor(2))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("made.Service", handlers),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
    call = channel.unary_unary("/made.Service/Answer", struct.SerializeToString, struct.FromString)
    asked = struct()
    asked.update({"b": 1, "a": [True, None]})
    print(json_format.MessageToDict(call(asked, timeout=10)))
    stream = channel.unary_stream("/made.Service/Count", value.SerializeToString, value.FromString)
    print([one.number_value for one in stream(value(number_value=3), timeout=10)])
    asked.update({"fail": 1})
    try:
        call(asked, timeout=10)
    except grpc.RpcError as error:
        print(error.code(), error.details())
server.stop(None).wait()
file = descriptor_pb2.FileDescriptorProto(name="made.proto", package="made", syntax="proto3")
message = file.message_type.add(name="Point")
message.field.add(name="x", number=1, type=descriptor_pb2.FieldDescriptorProto.TYPE_INT32, label=1)
pool = descriptor_pool.DescriptorPool()
pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
print(pool.FindMessageTypeByName("made.Point").fields[0].name, api_implementation.Type())
stamp = timestamp_pb2.Timestamp()
stamp.FromJsonString("2024-02-29T12:00:00Z")
print(stamp.seconds, text_format.MessageToString(stamp), google.protobuf.__name__)
