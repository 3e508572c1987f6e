import copy

import lxml
import lxml.html
from lxml import etree, objectify
from lxml.isoschematron import Schematron
from shown import uses

uses(lxml="lxml")
tree = etree.fromstring("<shop xmlns:x='urn:x'><item price='3'>a</item><item price='5' x:y='z'>b &amp; c</item></shop>")
print(tree.xpath("sum(//item/@price)"), tree.xpath("//@x:y", namespaces={"x": "urn:x"}))
style = etree.XSLT(
    etree.XML(
        """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/shop"><list><xsl:for-each select="item"><xsl:sort select="@price" order="descending"/>
<e><xsl:value-of select="."/></e></xsl:for-each></list></xsl:template></xsl:stylesheet>"""
    )
)
print(str(style(tree)))
schema = etree.RelaxNG(etree.XML('<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><text/></element>'))
print(schema.validate(etree.XML("<a>text</a>")), schema.validate(etree.XML("<b/>")), schema.error_log.last_error.line)
page = lxml.html.fromstring("<div><p class='k'>one<br>two</p><a href='/x'>y</a></div>")
page.make_links_absolute("http://h.example/")
print(lxml.html.tostring(page).decode(), page.find_class("k")[0].text_content())
thing = objectify.fromstring("<r><n>3</n><n>4</n></r>")
print(sum(thing.n[:]), objectify.dump(copy.deepcopy(thing)))
# Reads files that stand beside the extension modules.
rules = etree.XML(
    '<schema xmlns="http://purl.oclc.org/dsdl/schematron"><pattern id="p"><rule context="a">'
    '<assert test="@b">needs b</assert></rule></pattern></schema>'
)
print(Schematron(rules).validate(etree.XML("<a b='1'/>")), Schematron(rules).validate(etree.XML("<a/>")))
print(lxml.get_include()[0].rpartition("/")[2], etree.__name__, etree.LXML_VERSION)
try:
    etree.fromstring("<a>")
except etree.XMLSyntaxError as error:
    print(error.lineno, type(error).__module__)
